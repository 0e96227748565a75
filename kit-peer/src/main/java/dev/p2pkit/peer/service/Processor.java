// One processor: its mailbox, its version and state, and one turn at a time.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.Destination;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Execution;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.ServiceStatus;
import dev.p2pkit.sdk.ServiceStatus.Phase;
import dev.p2pkit.sdk.Source;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
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
  private static final int MOST_FAILURES = 3;

  private volatile ServiceKey key;
  private final Surroundings surroundings;
  private final Mailbox mailbox;
  private final Supervision supervision;
  private final Meter meter;
  private final StateLimit stateLimit;
  private final Upgrades upgrades;
  private final Handling handling;
  private final Aftermath aftermath;
  private final Persistence persistence;
  private volatile Version version;
  private volatile StateKeeper state;
  private volatile @Nullable Turn running;
  private volatile ServiceStatus.OnPeer status;
  private volatile TurnTally tally = new TurnTally();
  private volatile TurnCounts before = TurnCounts.NONE;

  Processor(Surroundings surroundings, Version version, Persistence.Begun begun, long millis) {
    this.key = version.release().key();
    this.surroundings = surroundings;
    this.version = version;
    this.state = begun.state();
    this.mailbox =
        new Mailbox(version.manifest().mailboxMessages(), version.manifest().mailboxBytes());
    this.supervision = new Supervision(surroundings.config());
    this.upgrades = new Upgrades(this, surroundings);
    Quota quota = surroundings.config().quotaOf(key, version.manifest().quota());
    this.meter = new Meter(quota, System.nanoTime());
    this.stateLimit = new StateLimit(key, meter::allocated, quota.stateBytes());
    surroundings.threads().checkSupport(key, version.manifest().execution());
    this.handling =
        new Handling(
            key, stateLimit, task -> surroundings.threads().workers().execute(task), this::resume);
    this.aftermath = new Aftermath(key, mailbox, surroundings, this::wake, this::setAside);
    this.persistence = new Persistence(this, surroundings, mailbox, aftermath);
    this.status = describe(Phase.ACTIVE, millis, "");
    surroundings.status(key, status);
    persistence.take(begun);
    if (persistence.hasWork() && mailbox.command(this::wake) == Mailbox.Offer.WAKE) {
      wake();
    }
  }

  ServiceKey key() {
    return key;
  }

  /** It is reached under another name from now on. */
  void rename(ServiceKey other) {
    key = other;
    persistence.renamed(other);
  }

  Version version() {
    return version;
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

  ServiceStatus.OnPeer status() {
    return status;
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
    TurnCounts counts = tally.counts();
    return new ServiceFigures(
        key,
        version.manifest().version(),
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
        meter.pauses());
  }

  private ServiceStatus.OnPeer describe(Phase phase, long millis, String detail) {
    return new ServiceStatus.OnPeer(
        surroundings.self(),
        phase,
        version.release().epoch(),
        version.manifest().version(),
        version.release().archiveHash(),
        millis,
        detail,
        0);
  }

  void enter(Phase phase, long millis, String detail) {
    status = describe(phase, millis, detail);
    surroundings.status(key, status);
  }

  /**
   * Takes a message in; from any thread.
   *
   * @param here whether the turn of a service that runs on event loops may run on this thread
   */
  void accept(Incoming incoming, boolean here) {
    if (!supervision.admits()) {
      surroundings.ledger().refused.increment();
      incoming.fail(ErrorCode.SERVICE_CRASHED, status.detail());
      return;
    }
    Optional<String> wanted = incoming.version();
    if (incoming.enqueuedIsEnough()
        && wanted.isPresent()
        && !wanted.get().equals(version.manifest().version())) {
      // Nobody could be told later.
      surroundings.ledger().refused.increment();
      supervision.trialMissed();
      incoming.fail(ErrorCode.VERSION_SKEW, skew(wanted.get()));
      return;
    }
    Letter letter = Letter.of(incoming);
    Optional<Mailbox.Offer> offer = persistence.offer(letter, incoming);
    if (offer.isEmpty()) {
      supervision.trialMissed();
      return;
    }
    switch (offer.get()) {
      case WAKE -> {
        letter.enqueued(incoming);
        if (here && version.manifest().execution() == Execution.EVENT_LOOP) {
          run();
        } else {
          wake();
        }
      }
      case QUEUED -> letter.enqueued(incoming);
      case FULL -> {
        surroundings.ledger().refused.increment();
        supervision.trialMissed();
        boolean slowed = meter.isThrottled();
        incoming.fail(
            slowed ? ErrorCode.QUOTA : ErrorCode.MAILBOX_FULL,
            "the mailbox of "
                + key
                + " on this peer is full"
                + (slowed ? ", as it has used up its quota" : "")
                + "; send more slowly and try again");
      }
      case TOO_LARGE -> {
        surroundings.ledger().refused.increment();
        supervision.trialMissed();
        incoming.fail(
            ErrorCode.MESSAGE_TOO_LARGE,
            "the message is larger than the whole mailbox of "
                + key
                + "; raise mailboxBytes of its @KitService");
      }
      case CLOSED -> incoming.fail(ErrorCode.NO_SUCH_SERVICE, key + " was removed");
    }
  }

  private String skew(String wanted) {
    return "this peer runs version "
        + version.manifest().version()
        + " of "
        + key
        + ", and the message is for version "
        + wanted
        + "; it was not processed";
  }

  /** Tells the service of an arc that came or went, in the order of its messages. */
  void told(ArcNotice notice) {
    Message message =
        new Message(
            new Source.OfPeer(surroundings.self()),
            new Destination.OfPeer(surroundings.self()),
            key.name(),
            Payload.of(null),
            Optional.empty());
    if (notice.handler(version.descriptor()).isPresent()
        && mailbox.offerAlways(Letter.of(notice, message)) == Mailbox.Offer.WAKE) {
      wake();
    }
  }

  /** Lets somebody else go on; for the owner. */
  void wake() {
    surroundings.threads().turns(version.manifest().execution()).execute(this::run);
  }

  /** Runs turns; for the owner. */
  private void run() {
    Meter.Run measured =
        surroundings.threads().onVirtual(version.manifest().execution())
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
      if (waits(meter.pause())) {
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

  /** Lets turns wait; false if there is no need, or a command goes first. */
  private boolean waits(long nanos) {
    int parking = nanos <= 0 ? 0 : mailbox.park();
    if (parking == 0) {
      return false;
    }
    unparkLater(parking, nanos);
    return true;
  }

  private void unparkLater(int parking, long nanos) {
    Future<?> unused =
        surroundings
            .threads()
            .later(
                () -> {
                  if (mailbox.unpark(parking)) {
                    wake();
                  }
                },
                nanos);
  }

  /** One turn; false if this thread owns the processor no more. */
  private boolean turn(Letter letter, Meter.Run measured) {
    long now = System.nanoTime();
    if (letter.expired(now)) {
      mailbox.release(letter.bytes());
      surroundings.ledger().refused.increment();
      supervision.trialMissed();
      letter.fail(
          ErrorCode.BUSY, "the sender's deadline passed in the mailbox; it was not processed");
      persistence.dropped(letter);
      return true;
    }
    if (!letter.stillOwned()) {
      mailbox.release(letter.bytes());
      surroundings.ledger().refused.increment();
      supervision.trialMissed();
      letter.fail(
          ErrorCode.NOT_READY,
          "this peer has lost the key while the message waited; it was not processed");
      persistence.dropped(letter);
      return true;
    }
    Optional<String> other = letter.otherVersion(version.manifest().version());
    if (other.isPresent()) {
      mailbox.release(letter.bytes());
      surroundings.ledger().refused.increment();
      supervision.trialMissed();
      letter.fail(ErrorCode.VERSION_SKEW, skew(other.get()));
      persistence.dropped(letter);
      return true;
    }
    if (supervision.isShut()) {
      mailbox.release(letter.bytes());
      giveUp(letter, ErrorCode.SERVICE_CRASHED, status.detail());
      return true;
    }
    Version present = version;
    Turn turn = new Turn(letter, present, mailbox, now + present.manifest().turn().toNanos());
    running = turn;
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(present.loader());
    Handling.Result result;
    try {
      result = handling.handle(turn, state);
    } finally {
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
    Handling.Result result =
        turn.version().inside(() -> handling.result(turn, keeper, next, thrown));
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
      giveUp(letter, refused.code(), refused.detail());
      return true;
    }
    surroundings.ledger().crashes.increment();
    tally.failed();
    String reason = ((Handling.Result.Crashed) result).reason();
    settle(letter, "the processor of " + key + " threw: " + reason);
    return recover(reason);
  }

  /** Deals with the message of a turn that failed. */
  private void settle(Letter letter, String detail) {
    if (letter.fail(ErrorCode.SERVICE_CRASHED, detail)) {
      mailbox.release(letter.bytes());
      persistence.dropped(letter);
    } else if (letter.failed() >= MOST_FAILURES) {
      mailbox.release(letter.bytes());
      setAside(letter, ErrorCode.SERVICE_CRASHED, detail);
      persistence.dropped(letter);
    } else {
      // Nobody could be told and nobody would send it again.
      mailbox.pushFront(List.of(letter));
    }
  }

  private void giveUp(Letter letter, ErrorCode code, String detail) {
    surroundings.ledger().refused.increment();
    tell(letter, code, detail);
    persistence.dropped(letter);
  }

  /** Tells the sender, or keeps the letter for the operator if nobody waits. */
  void tell(Letter letter, ErrorCode code, String detail) {
    if (!letter.fail(code, detail)) {
      setAside(letter, code, detail);
    }
  }

  private void setAside(Letter letter, ErrorCode code, String detail) {
    surroundings.ledger().setAside(version, key, letter.message(), code, detail);
  }

  /** Goes on after a crash: at once, after a pause, with the version before, or not at all. */
  private boolean recover(String reason) {
    long now = System.nanoTime();
    Optional<Duration> pause = supervision.crashed(now);
    if (pause.isEmpty()) {
      stop(
          "stopped after " + surroundings.config().crashes() + " crashes, the last: " + reason,
          false);
      return true;
    }
    int parking = mailbox.park();
    if (parking == 0) {
      return true;
    }
    unparkLater(parking, pause.get().toNanos());
    return false;
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
      supervision.shut(System.nanoTime());
    }
    enter(Phase.STOPPED, 0, detail);
    LOG.warn("{}: {}", key, detail);
    mailbox.drain().forEach(letter -> giveUp(letter, ErrorCode.SERVICE_CRASHED, detail));
  }

  /** The state is again what is on the disk; for the owner. */
  void restored(StateKeeper saved) {
    state = saved;
    supervision.reset();
  }

  /** Puts another version to use; for the owner. */
  void become(Version next, StateKeeper nextState) {
    version = next;
    state = nextState;
    before = tally.counts();
    tally = new TurnTally();
    mailbox.limits(next.manifest().mailboxMessages(), next.manifest().mailboxBytes());
    Quota quota = surroundings.config().quotaOf(key, next.manifest().quota());
    meter.quota(quota, System.nanoTime());
    stateLimit.most(quota.stateBytes());
    surroundings.threads().checkSupport(key, next.manifest().execution());
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
      surroundings.ledger().refused.increment();
      letter.fail(ErrorCode.BUSY, "the sender's deadline passed while the message was deferred");
      persistence.dropped(letter);
    }
  }

  private void fence(Turn turn) {
    Execution execution = turn.version().manifest().execution();
    WorkerPool workers = surroundings.threads().workers();
    boolean fenced =
        turn.fence(
            thread -> {
              if (workers.owns(thread)) {
                workers.abandon(thread);
              } else if (execution == Execution.VIRTUAL) {
                thread.interrupt();
              } else {
                surroundings.deliveries().stuck(thread);
              }
            });
    if (!fenced) {
      return;
    }
    running = null;
    // The stuck thread may come back and look at the old keeper.
    state = state.afterFence();
    surroundings.ledger().fenced.increment();
    tally.failed();
    String detail =
        key
            + " did not finish its turn in "
            + turn.version().manifest().turn().toMillis()
            + " ms; what it still does is discarded";
    LOG.warn("{}", detail);
    settle(turn.letter(), detail);
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
      tell(turn.letter(), ErrorCode.DELIVERY_UNKNOWN, detail + " during the turn");
    }
    boolean comesBack = code == ErrorCode.CLOSED;
    for (Letter letter : mailbox.drain()) {
      if (comesBack && persistence.holds(letter)) {
        letter.fail(ErrorCode.DELIVERY_UNKNOWN, detail + "; it is processed when the peer is back");
      } else {
        tell(letter, code, detail);
      }
    }
    aftermath.cancelTimers(code, detail, comesBack);
    if (comesBack) {
      persistence.close();
    } else {
      persistence.discard();
    }
  }
}
