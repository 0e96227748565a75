// Finds rings that were cut apart and unites them.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.ring.MergeMessage.Foreign;
import dev.p2pkit.overlay.ring.MergeMessage.Hail;
import dev.p2pkit.overlay.ring.MergeMessage.HailAnswer;
import dev.p2pkit.overlay.ring.MergeMessage.TablePart;
import dev.p2pkit.overlay.ring.MergeMessage.TablePull;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Asks remembered peers that are no members whether they belong to another ring, for ever. Where
 * one does, the peers with the lowest ids of both rings, which speak for them, fetch each other's
 * tables, make sure by samples that the strangers exist, and each tells its own ring who has come.
 * So one pair of peers compares thousands of members, and all others hear of it by one broadcast.
 * Pointers and ownership follow by the rules that hold for any newcomer.
 *
 * <p>Everything stops by itself: a union that changes nothing is told to nobody.
 */
final class Merger {
  /** The most parts of one table. */
  static final int MOST_PARTS = 512;

  /** So long news of a newcomer may take. */
  private static final long ON_ITS_WAY = 8_000_000;

  /** For how long it is remembered who was unknown. */
  private static final long STRANGE = 60_000_000;

  private static final int MOST_STRANGERS = 256;
  private static final int NEWS_PER_PART = 512;

  /** How many parts are asked for at a time. */
  private static final int AT_ONCE = 8;

  private static final int SAMPLE = 3;
  private static final int ENOUGH_PROVED = 2;
  private static final int MOST_TRIES = 5;

  /** Between two unions, so that the first has reached everybody. */
  private static final long REST = 3_000_000;

  /** How long a table is offered as it was when its first part was fetched. */
  private static final long OFFER = 10_000_000;

  /** Hints that brought nothing, after which the next peer of the ring is asked to speak. */
  private static final int PATIENCE = 3;

  private enum Stage {
    IDLE,
    FETCHING,
    CHECKING
  }

  private final RingCore core;
  private final Remembered remembered;
  private long nextProbe;
  private int hints;

  private Stage stage = Stage.IDLE;
  private @Nullable PeerRef other;
  private long number;
  private int tries;
  private long restUntil;
  private final Map<Integer, List<MemberNews>> parts = new TreeMap<>();
  private int expected;
  private TableUnion union = new TableUnion(List.of(), List.of());
  private final TreeSet<PeerId> sample = new TreeSet<>();
  private int proved;

  /** Who has asked while it was not known here, and since when. */
  private final Map<PeerId, Long> strangers = new TreeMap<>();

  private List<MemberNews> offered = List.of();
  private @Nullable PeerId offeredTo;
  private long offeredAs;
  private long offeredUntil;

  long unions;
  long refusedUnions;

  Merger(RingCore core) {
    this.core = core;
    remembered = core.remembered;
  }

  /** At every heartbeat. */
  void tick(long now) {
    if (core.phase != Phase.MEMBER || now < nextProbe) {
      return;
    }
    long pause = core.config.merge().probe();
    nextProbe = now + core.between(pause * 3 / 4, pause * 5 / 4);
    remembered.due(now, core.table, core.self.id()).ifPresent(this::hail);
  }

  /**
   * This process did not run for a while: others may have gone on without it, and it may be about
   * to go on without them.
   */
  void overslept(long now) {
    remembered.askAgain(now);
    nextProbe = now;
  }

  private void hail(PeerRef ref) {
    // Its process may have been started anew since: whoever has this identity is meant.
    core.effects.send(new PeerRef(ref.id(), ref.endpoint(), 0), hail());
  }

  private Hail hail() {
    return new Hail(core.table.size(), core.table.hash(), speaker());
  }

  private PeerRef speaker() {
    return core.table.get(0);
  }

  void onLink(long now, PeerId id, LinkEvent event) {
    // The first question may have been lost with a dial to an earlier process.
    if (event == LinkEvent.UP && core.phase == Phase.MEMBER && !core.table.contains(id)) {
      remembered.find(id).ifPresent(this::hail);
    }
  }

  void onHail(long now, PeerRef from, Hail hail) {
    if (core.phase != Phase.MEMBER) {
      return;
    }
    PeerRef at = core.table.find(from.id()).orElseGet(() -> core.table.after(from.id().position()));
    boolean exact = core.table.coverage().covers(from.id().position());
    core.effects.send(
        from, new HailAnswer(core.table.size(), core.table.hash(), speaker(), at, exact));
    if (knowsEverybody() && !core.table.contains(from.id()) && !mayBeNew(now, from, hail)) {
      foreign(now, hail.speaker(), from);
    }
  }

  /**
   * Whether somebody unknown may belong to this ring all the same: the one that speaks for its ring
   * is a member of this one, and news of itself may still be on their way.
   */
  private boolean mayBeNew(long now, PeerRef from, Hail hail) {
    strangers.values().removeIf(since -> now - since > STRANGE);
    if (!core.table.contains(hail.speaker().id())) {
      return false;
    }
    Long since = strangers.get(from.id());
    if (since == null && strangers.size() < MOST_STRANGERS) {
      strangers.put(from.id(), now);
      return true;
    }
    return since != null && now - since < ON_ITS_WAY;
  }

  private boolean knowsEverybody() {
    return core.table.coverage().complete();
  }

  void onHailAnswer(long now, PeerRef from, HailAnswer answer) {
    if (sample.remove(from.id())) {
      proved++;
      if (sample.isEmpty() || proved >= ENOUGH_PROVED) {
        conclude(now);
      }
      return;
    }
    if (core.phase != Phase.MEMBER || core.table.contains(from.id())) {
      return;
    }
    remembered.lives(now, from);
    if (!knowsEverybody()) {
      if (answer.exact() && !answer.at().id().equals(core.self.id())) {
        adopt(now, from);
        adopt(now, answer.at());
        core.stabiliser.candidate(now, answer.at());
      }
      return;
    }
    if (!answer.at().id().equals(core.self.id())) {
      foreign(now, answer.speaker(), from);
    } else if (hints++ >= PATIENCE) {
      // It counts this peer in, and this one does not count it: a repair that got lost.
      hints = 0;
      foreign(now, from, from);
    }
  }

  /**
   * With tables that hold an arc only nobody can speak for a ring: each peer takes over the
   * neighbours that the other ring has for it, and stabilisation does the rest.
   */
  private void adopt(long now, PeerRef ref) {
    MemberNews alive = MemberNews.alive(ref, 0);
    Optional<MemberNews> known = core.table.known(ref.id());
    if (!core.isSelf(ref.id())) {
      core.learn(now, known.flatMap(grave -> TableUnion.lives(alive, grave)).orElse(alive));
    }
  }

  /**
   * There is another ring: the one that speaks for this ring should know. Either speaker may be
   * dead without its ring knowing yet, and if all whom both rings know are dead, they even name the
   * same one. So every other hint names the stranger itself, which is alive, and those who are
   * silent here are not told.
   */
  private void foreign(long now, PeerRef theirSpeaker, PeerRef stranger) {
    boolean known = core.table.contains(theirSpeaker.id());
    PeerRef theirs = known || hints % 2 == 1 ? stranger : theirSpeaker;
    // Whoever should speak may be dead or busy: after some hints in vain the next one is told.
    PeerRef ours = speaker(Math.min(hints++ / PATIENCE, core.table.size() - 1));
    if (core.isSelf(ours.id())) {
      begin(now, theirs);
    } else {
      core.effects.send(ours, new Foreign(theirs));
    }
  }

  /** The peer with the lowest id but so many; this one rather than one that is silent. */
  private PeerRef speaker(int place) {
    int at = place;
    while (core.detector.suspects(core.table.get(at).id()) && at < core.table.size() - 1) {
      at++;
    }
    PeerRef found = core.table.get(at);
    return core.detector.suspects(found.id()) ? core.self : found;
  }

  void onForeign(long now, PeerRef from, Foreign message) {
    if (core.table.contains(from.id())) {
      begin(now, message.speaker());
    }
  }

  private void begin(long now, PeerRef speaker) {
    if (stage != Stage.IDLE
        || now < restUntil
        || core.phase != Phase.MEMBER
        || !knowsEverybody()
        || core.isSelf(speaker.id())
        || core.table.contains(speaker.id())) {
      return;
    }
    stage = Stage.FETCHING;
    other = speaker;
    number = core.effects.random().nextLong();
    parts.clear();
    expected = 1;
    tries = 0;
    fetch(now);
  }

  private void fetch(long now) {
    PeerRef from = other;
    if (from == null) {
      return;
    }
    int asked = 0;
    for (int part = 0; part < expected && asked < AT_ONCE; part++) {
      if (!parts.containsKey(part)) {
        core.effects.send(from, new TablePull(number, part));
        asked++;
      }
    }
    await(now);
  }

  private void await(long now) {
    core.effects.timer(Timers.MERGE, now + 2 * core.config.detector().firstTimeout());
  }

  void onPull(long now, PeerRef from, TablePull pull) {
    if (core.phase != Phase.MEMBER || !knowsEverybody()) {
      return;
    }
    if (!from.id().equals(offeredTo) || offeredAs != pull.number() || now > offeredUntil) {
      offered = core.table.everythingKnown();
      offeredTo = from.id();
      offeredAs = pull.number();
    }
    offeredUntil = now + OFFER;
    int count = Math.min(MOST_PARTS, (offered.size() + NEWS_PER_PART - 1) / NEWS_PER_PART);
    if (pull.part() < count) {
      int start = pull.part() * NEWS_PER_PART;
      int end = Math.min(offered.size(), start + NEWS_PER_PART);
      core.effects.send(
          from,
          new TablePart(
              pull.number(), pull.part(), count, List.copyOf(offered.subList(start, end))));
    }
    if (!core.table.contains(from.id())) {
      begin(now, from);
    }
  }

  void onPart(long now, PeerRef from, TablePart message) {
    PeerRef asked = other;
    if (stage != Stage.FETCHING
        || asked == null
        || !asked.id().equals(from.id())
        || message.number() != number) {
      return;
    }
    boolean first = parts.isEmpty();
    expected = message.parts();
    parts.put(message.part(), message.news());
    tries = 0;
    if (parts.size() >= expected) {
      check(now, from);
    } else if (first || parts.size() % AT_ONCE == 0) {
      fetch(now);
    }
  }

  /** All of their table is here: do those exist who are new in it? */
  private void check(long now, PeerRef from) {
    List<MemberNews> theirs = new ArrayList<>();
    parts.values().forEach(theirs::addAll);
    parts.clear();
    union = TableUnion.of(core.table, core.self.id(), theirs);
    List<PeerRef> strangers = new ArrayList<>();
    for (MemberNews news : union.newcomers()) {
      if (!news.id().equals(from.id())) {
        strangers.add(news.ref());
      }
    }
    stage = Stage.CHECKING;
    sample.clear();
    proved = 0;
    tries = 0;
    while (sample.size() < SAMPLE && !strangers.isEmpty()) {
      PeerRef one = strangers.remove(core.effects.random().nextInt(strangers.size()));
      sample.add(one.id());
      hail(one);
    }
    if (sample.isEmpty()) {
      conclude(now);
    } else {
      await(now);
    }
  }

  private void conclude(long now) {
    TableUnion agreed = union;
    end(now);
    if (!agreed.changes().isEmpty()) {
      unions++;
      hints = 0;
      core.unions.tell(now, agreed.changes());
      core.unite(now, agreed.changes());
    }
  }

  private void end(long now) {
    stage = Stage.IDLE;
    other = null;
    sample.clear();
    parts.clear();
    union = new TableUnion(List.of(), List.of());
    restUntil = now + REST;
    core.effects.cancel(Timers.MERGE);
  }

  void onTimer(long now) {
    if (stage == Stage.IDLE) {
      return;
    }
    if (core.phase != Phase.MEMBER || ++tries >= MOST_TRIES) {
      if (stage == Stage.CHECKING) {
        refusedUnions++;
      }
      end(now);
    } else if (stage == Stage.FETCHING) {
      fetch(now);
    } else {
      for (MemberNews news : union.newcomers()) {
        if (sample.contains(news.id())) {
          hail(news.ref());
        }
      }
      await(now);
    }
  }

  /** This peer has no place any more. */
  void clear() {
    stage = Stage.IDLE;
    other = null;
    sample.clear();
    parts.clear();
    offered = List.of();
    offeredTo = null;
    hints = 0;
    strangers.clear();
    core.effects.cancel(Timers.MERGE);
  }

  /** Whom to write down for the next life of this peer. */
  List<PeerRef> toKeep() {
    return remembered.toKeep(core.table, core.self.id());
  }

  Optional<PeerRef> partner() {
    return Optional.ofNullable(other);
  }
}
