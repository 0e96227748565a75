// One processor: its mailbox, its version and state, and one turn at a time.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Execution;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.ServiceFigures;
import dev.p2pkit.sdk.ServiceStatus;
import dev.p2pkit.sdk.ServiceStatus.Phase;
import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the turns of one (service, instance). Whoever owns it, by the rules of {@link Mailbox}, runs
 * turns until the mailbox is empty or its batch is used up; version and state change only in the
 * owner's hands. The one exception is the watch, which becomes the owner by fencing the turn that
 * runs.
 */
final class Processor {
  private static final Logger LOG = LoggerFactory.getLogger(Processor.class);

  private final Surroundings surroundings;
  private final Incumbent incumbent;
  private final Mailbox mailbox;
  private final Supervision supervision;
  private final Meter meter;
  private final StateLimit stateLimit;
  private final Upgrades upgrades;
  private final Handling handling;
  private final Aftermath aftermath;
  private final Persistence persistence;
  private final Bounces bounces;
  private final Entrance entrance;
  private final Pauses pauses;
  private volatile StateKeeper state;
  private volatile @Nullable Turn running;
  private volatile TurnTally tally = new TurnTally();
  private volatile TurnCounts before = TurnCounts.NONE;

  Processor(Surroundings surroundings, Version version, Persistence.Begun begun, long millis) {
    this.surroundings = surroundings;
    this.incumbent = new Incumbent(surroundings, version);
    ServiceKey key = incumbent.key();
    this.state = begun.state();
    this.mailbox =
        new Mailbox(version.manifest().mailboxMessages(), version.manifest().mailboxBytes());
    this.supervision =
        new Supervision(surroundings.config().restarts(), System::nanoTime, new SplittableRandom());
    this.upgrades = new Upgrades(this, surroundings, begun);
    supervision.remember(upgrades.earlierCrashes());
    Quota quota = surroundings.config().quotaOf(key, version.manifest().quota());
    this.meter = new Meter(quota, System.nanoTime());
    this.stateLimit = new StateLimit(key, meter::allocated, quota.stateBytes());
    surroundings.threads().checkSupport(key, version.manifest().execution());
    this.handling =
        new Handling(
            key, stateLimit, task -> surroundings.threads().workers().execute(task), this::resume);
    Ledger ledger = surroundings.ledger();
    this.aftermath =
        new Aftermath(
            key,
            mailbox,
            surroundings,
            this::wake,
            (letter, code, why) -> ledger.setAside(incumbent, letter.message(), code, why));
    this.persistence = new Persistence(this, surroundings, mailbox, aftermath);
    this.bounces = new Bounces(incumbent, ledger, mailbox, supervision, persistence::dropped);
    this.pauses = new Pauses(mailbox, surroundings.threads(), this::wake);
    this.entrance = new Entrance(incumbent, mailbox, supervision, meter, persistence, bounces);
    enter(Phase.ACTIVE, millis, "");
    persistence.take(begun);
    if (persistence.hasWork() && mailbox.command(this::wake) == Mailbox.Offer.WAKE) {
      wake();
    }
  }

  ServiceKey key() {
    return incumbent.key();
  }

  /** It is reached under another name from now on. */
  void rename(ServiceKey other) {
    upgrades.renamed(key(), other);
    incumbent.rename(other);
    persistence.renamed(other);
  }

  Version version() {
    return incumbent.version();
  }

  StateKeeper state() {
    return state;
  }

  Mailbox mailbox() {
    return mailbox;
  }

  Upgrades upgrades() {
    return upgrades;
  }

  Persistence persistence() {
    return persistence;
  }

  Bounces bounces() {
    return bounces;
  }

  ServiceStatus.OnPeer status() {
    return incumbent.status();
  }

  /** The turns since this version runs. */
  TurnCounts counts() {
    return tally.counts();
  }

  /** The turns of the version before. */
  TurnCounts countsBefore() {
    return before;
  }

  /** What it has done and used up since it began on this peer. */
  ServiceFigures figures() {
    ServiceKey key = key();
    TurnCounts counts = tally.counts();
    return new ServiceFigures(
        key.name(),
        key.instance(),
        version().manifest().version(),
        counts.turns(),
        counts.failed(),
        counts.micros(),
        tally.p99Micros(),
        meter.cpuNanos() / 1_000,
        meter.allocated(),
        meter.sent(),
        mailbox.held(),
        mailbox.heldBytes(),
        stateLimit.size(),
        surroundings.ledger().letters.setAside(key),
        meter.pauses(),
        surroundings.loaders().alive(key),
        surroundings.loaders().leaked(key));
  }

  void enter(Phase phase, long millis, String detail) {
    incumbent.enter(phase, millis, detail);
  }

  /**
   * Takes a message in; from any thread.
   *
   * @param here whether the turn of a service that runs on event loops may run on this thread
   */
  void accept(Incoming incoming, boolean here) {
    if (!entrance.admit(incoming)) {
      return;
    }
    if (here && version().manifest().execution() == Execution.EVENT_LOOP) {
      run();
    } else {
      wake();
    }
  }

  /** Tells the service of an arc that came or went, in the order of its messages. */
  void told(ArcNotice notice) {
    Message message = notice.message(surroundings.self(), key().name());
    if (notice.handler(version().descriptor()).isPresent()
        && mailbox.offerAlways(Letter.of(notice, message)) == Mailbox.Offer.WAKE) {
      wake();
    }
  }

  /** Lets somebody else go on; for the owner. */
  void wake() {
    surroundings.threads().turns(version().manifest().execution()).execute(this::run);
  }

  /** Runs turns; for the owner. */
  private void run() {
    Meter.Run measured =
        surroundings.threads().onVirtual(version().manifest().execution())
            ? meter.beginUnmeasured()
            : meter.begin();
    try {
      run(measured);
    } finally {
      measured.end();
    }
  }

  private void run(Meter.Run measured) {
    for (int turns = 0; turns < surroundings.config().batch(); turns++) {
      long pause = meter.pause();
      if (pause > 0 && pauses.begin(pause)) {
        return;
      }
      Mailbox.Work work = mailbox.next();
      if (work == null) {
        return;
      }
      if (work instanceof Mailbox.Command command) {
        command.start();
        return;
      }
      if (!turn((Letter) work, measured)) {
        return;
      }
    }
    // Others shall have their turn, also on an event loop, which then is rid of the rest.
    wake();
  }

  /** One turn; false if this thread owns the processor no more. */
  private boolean turn(Letter letter, Meter.Run measured) {
    long now = System.nanoTime();
    if (!entrance.mayBegin(letter, now)) {
      return true;
    }
    Version present = version();
    Turn turn = new Turn(letter, present, mailbox, now + present.manifest().turn().toNanos());
    running = turn;
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(present.loader());
    Handling.Result result;
    upgrades.turnBegins();
    try {
      result = handling.handle(turn, state);
    } finally {
      upgrades.turnEnds();
      thread.setContextClassLoader(before);
    }
    if (result instanceof Handling.Result.Pending) {
      return false;
    }
    // Counted before the turn is visible, so that whoever has its answer finds it counted.
    long unused = measured.turnEnded(turn.sent());
    return finish(turn, result);
  }

  /** The stage of an asynchronous handler is complete; on a thread of the pool. */
  private void resume(Turn turn, @Nullable Object next, @Nullable Throwable thrown) {
    if (!turn.attach()) {
      return;
    }
    StateKeeper keeper = state;
    Meter.Run measured = meter.begin();
    Handling.Result result;
    upgrades.turnBegins();
    try {
      result = turn.version().inside(() -> handling.result(turn, keeper, next, thrown));
    } finally {
      upgrades.turnEnds();
    }
    long unused = measured.turnEnded(turn.sent());
    measured.end();
    if (finish(turn, result)) {
      run();
    }
  }

  /** Ends a turn; false if this thread owns the processor no more. */
  private boolean finish(Turn turn, Handling.Result result) {
    if (!turn.end()) {
      return false;
    }
    running = null;
    if (surroundings.threads().workers().owns(Thread.currentThread())) {
      // Whatever interrupted the turn is not meant for the next one.
      boolean unused = Thread.interrupted();
    }
    Letter letter = turn.letter();
    if (result instanceof Handling.Result.Done done) {
      state.publish(done.state(), done.captured());
      surroundings.ledger().turns.increment();
      tally.done(turn.beganNanos());
      if (supervision.succeeded()) {
        enter(Phase.ACTIVE, 0, "");
      }
      persistence.apply(turn, done.captured());
      return true;
    }
    state.rollBack();
    turn.discard();
    if (result instanceof Handling.Result.Refused refused) {
      mailbox.release(letter.bytes());
      supervision.trialMissed();
      bounces.giveUp(letter, refused.code(), refused.detail());
      return true;
    }
    surroundings.ledger().crashes.increment();
    tally.failed();
    upgrades.crashed();
    String reason = ((Handling.Result.Crashed) result).reason();
    bounces.crashed(letter, "the processor of " + key() + " threw: " + reason);
    return recover(reason);
  }

  /** Goes on after a crash: at once, after a pause, with the version before, or not at all. */
  private boolean recover(String reason) {
    Optional<Duration> pause = supervision.crashed();
    if (pause.isEmpty()) {
      stop(
          "stopped after "
              + surroundings.config().restarts().crashes()
              + " crashes, the last: "
              + reason,
          false);
      return true;
    }
    return !pauses.begin(pause.get().toNanos());
  }

  /** Ends a crash loop; for the owner. */
  private void stop(String detail, boolean forGood) {
    if (!upgrades.revert(detail)) {
      shut(detail, forGood);
    }
  }

  /** Answers everything with SERVICE_CRASHED from now on; for the owner. */
  void shut(String detail, boolean forGood) {
    if (forGood) {
      supervision.shutForGood();
    } else {
      supervision.shut();
    }
    enter(Phase.STOPPED, 0, detail);
    LOG.warn("{}: {}", key(), detail);
    mailbox.drain().forEach(letter -> bounces.giveUp(letter, ErrorCode.SERVICE_CRASHED, detail));
  }

  /** The state is again what is on the disk; for the owner. */
  void restored(StateKeeper saved) {
    state = saved;
    supervision.reset();
  }

  /** Puts another version to use; for the owner. */
  void become(Version next, StateKeeper nextState) {
    incumbent.become(next);
    state = nextState;
    before = tally.counts();
    tally = new TurnTally();
    mailbox.limits(next.manifest().mailboxMessages(), next.manifest().mailboxBytes());
    Quota quota = surroundings.config().quotaOf(key(), next.manifest().quota());
    meter.quota(quota, System.nanoTime());
    stateLimit.most(quota.stateBytes());
    surroundings.threads().checkSupport(key(), next.manifest().execution());
    supervision.reset();
  }

  /** Gives up a turn that takes too long; on the thread of the watch. */
  void watch(long nowNanos) {
    Turn turn = running;
    if (turn != null && turn.overdue(nowNanos)) {
      fence(turn);
    }
    upgrades.watch(nowNanos);
    persistence.watch(nowNanos);
    for (Letter letter : mailbox.expired(nowNanos)) {
      bounces.expire(letter);
    }
  }

  private void fence(Turn turn) {
    Execution execution = turn.version().manifest().execution();
    boolean fenced = turn.fence(thread -> surroundings.letGo(thread, execution));
    if (!fenced) {
      return;
    }
    running = null;
    // The stuck thread may come back and look at the old keeper.
    state = state.afterFence();
    surroundings.ledger().fenced.increment();
    tally.failed();
    upgrades.crashed();
    String detail =
        key()
            + " did not finish its turn in "
            + turn.version().manifest().turn().toMillis()
            + " ms; what it still does is discarded";
    LOG.warn("{}", detail);
    bounces.crashed(turn.letter(), detail);
    boolean goOn;
    if (execution == Execution.EVENT_LOOP) {
      stop(detail + ", and as it blocks a network thread it is stopped until it is upgraded", true);
      goOn = true;
    } else {
      goOn = recover(detail);
    }
    if (goOn) {
      wake();
    }
  }

  /**
   * Ends the processor; for the owner, or for anybody when the whole runtime closes. The version is
   * left to be closed.
   */
  void end(ErrorCode code, String detail) {
    mailbox.close();
    Turn turn = running;
    if (turn != null && turn.fence(Thread::interrupt)) {
      running = null;
      bounces.tell(turn.letter(), ErrorCode.DELIVERY_UNKNOWN, detail + " during the turn");
    }
    boolean comesBack = code == ErrorCode.CLOSED;
    for (Letter letter : mailbox.drain()) {
      if (comesBack && persistence.holds(letter)) {
        letter.fail(ErrorCode.DELIVERY_UNKNOWN, detail + "; it is processed when the peer is back");
      } else {
        bounces.tell(letter, code, detail);
      }
    }
    aftermath.cancelTimers(code, detail, comesBack);
    upgrades.close(comesBack);
    if (comesBack) {
      persistence.close();
    } else {
      persistence.discard();
    }
  }
}
