// Unites two rings whose peers know everybody: one pair of peers compares thousands of members.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.ring.MergeMessage.TablePart;
import dev.p2pkit.overlay.ring.MergeMessage.TablePull;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The peers with the lowest ids of both rings, which speak for them, fetch each other's tables,
 * make sure by samples that the strangers exist, and each tells its own ring who has come. So one
 * pair of peers compares thousands of members, and all others hear of it by one broadcast.
 *
 * <p>Everything stops by itself: a union that changes nothing is told to nobody. A ring believes
 * only those with the lowest ids among its members ({@link #SPEAKERS}); nobody chooses its id.
 */
final class Speaker {
  /** The most parts of one table. */
  static final int MOST_PARTS = 2_048;

  /** From how many of those with the lowest ids a ring believes what a union changes. */
  static final int SPEAKERS = 16;

  /** Some four kilobytes. */
  static final int NEWS_PER_PART = 128;

  /** The first part is sent even where the budget is spent, but not more often than this. */
  private static final long FIRST_PART_AFTER = 1_000_000;

  /** How many parts are asked for at a time. */
  private static final int AT_ONCE = 8;

  /**
   * So many parts one peer is answered in a second; each may cost a copy of the table, and takes of
   * the budget that all who ask share.
   */
  static final int PULLS_PER_SECOND = 4 * AT_ONCE;

  private static final int SAMPLE = 3;
  private static final int ENOUGH_PROVED = 2;
  private static final int MOST_TRIES = 5;

  /** How often one is asked that has not shown yet that it is there. */
  private static final int TRIES_IN_THE_DARK = 2;

  /** Between two unions, so that the first has reached everybody. */
  private static final long REST = 3_000_000;

  /** How long a table is offered as it was when its first part was fetched. */
  private static final long OFFER = 10_000_000;

  private enum Stage {
    IDLE,
    FETCHING,
    CHECKING
  }

  private final RingCore core;
  private final Merger merger;
  private Stage stage = Stage.IDLE;
  private @Nullable PeerRef other;

  /** Whose hint this is about. */
  private PeerId teller;

  private long number;
  private int tries;
  private long restUntil;
  private final Map<Integer, List<MemberNews>> parts = new TreeMap<>();
  private int expected;
  private TableUnion union = new TableUnion(List.of(), List.of());
  private final TreeSet<PeerId> sample = new TreeSet<>();
  private int proved;

  private List<MemberNews> offered = List.of();
  private @Nullable PeerId offeredTo;
  private long offeredAs;
  private long offeredUntil;
  private long nextFirstPart;
  private final Allowance<PeerId> pulls = new Allowance<>(PULLS_PER_SECOND);

  Speaker(RingCore core, Merger merger) {
    this.core = core;
    this.merger = merger;
    teller = core.self.id();
  }

  /** Whether what this member says that a union changes is believed. */
  boolean speaks(PeerId origin) {
    return core.table.contains(origin)
        && core.table.peers().indexAtOrAfter(origin.position()) < SPEAKERS;
  }

  /** Another ring is said to be there. */
  void begin(long now, PeerRef there, PeerId saidBy) {
    if (stage != Stage.IDLE
        || now < restUntil
        || core.phase != Phase.MEMBER
        || !merger.whole()
        || core.isSelf(there.id())
        || core.table.contains(there.id())) {
      return;
    }
    stage = Stage.FETCHING;
    other = there;
    teller = saidBy;
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
    if (core.phase != Phase.MEMBER || !merger.whole()) {
      return;
    }
    if (!pulls.take(from.id(), now)) {
      core.refusedUnions++;
      return;
    }
    if (!from.id().equals(offeredTo) || offeredAs != pull.number() || now > offeredUntil) {
      offered = core.table.everythingKnown();
      offeredTo = from.id();
      offeredAs = pull.number();
    }
    offeredUntil = now + OFFER;
    int count = Math.min(MOST_PARTS, (offered.size() + NEWS_PER_PART - 1) / NEWS_PER_PART);
    if (pull.part() < count && mayTell(now, pull.part())) {
      int start = pull.part() * NEWS_PER_PART;
      int end = Math.min(offered.size(), start + NEWS_PER_PART);
      core.effects.send(
          from,
          new TablePart(
              pull.number(), pull.part(), count, List.copyOf(offered.subList(start, end))));
    }
    if (!core.table.contains(from.id())) {
      begin(now, from, from.id());
    }
  }

  /**
   * Parts come as fast as the budget allows; whoever waits for one asks again. That the first comes
   * shows the other speaker that somebody is here.
   */
  private boolean mayTell(long now, int part) {
    if (part == 0 && now >= nextFirstPart) {
      nextFirstPart = now + FIRST_PART_AFTER;
      return true;
    }
    return core.ladder.purse.spendableOnUnions(now) > 0;
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
      merger.hail(now, one);
    }
    if (sample.isEmpty()) {
      conclude(now);
    } else {
      await(now);
    }
  }

  /** A peer has answered; true if it is one of those that had to show that they exist. */
  boolean proved(long now, PeerId id) {
    if (!sample.remove(id)) {
      return false;
    }
    proved++;
    if (sample.isEmpty() || proved >= ENOUGH_PROVED) {
      conclude(now);
    }
    return true;
  }

  private void conclude(long now) {
    TableUnion agreed = union;
    end(now, true);
    if (!agreed.changes().isEmpty()) {
      core.unions.tell(now, agreed.changes());
      core.unite(now, agreed.changes());
    }
  }

  private void end(long now, boolean right) {
    merger.judge(now, teller, right);
    clear();
    restUntil = now + REST;
  }

  void onTimer(long now) {
    if (stage == Stage.IDLE) {
      return;
    }
    boolean dark = stage == Stage.FETCHING && parts.isEmpty();
    if (core.phase != Phase.MEMBER || ++tries >= (dark ? TRIES_IN_THE_DARK : MOST_TRIES)) {
      end(now, false);
    } else if (stage == Stage.FETCHING) {
      fetch(now);
    } else {
      for (MemberNews news : union.newcomers()) {
        if (sample.contains(news.id())) {
          merger.hail(now, news.ref());
        }
      }
      await(now);
    }
  }

  /** Nothing is going on any more. */
  void clear() {
    stage = Stage.IDLE;
    other = null;
    sample.clear();
    parts.clear();
    union = new TableUnion(List.of(), List.of());
    core.effects.cancel(Timers.MERGE);
  }
}
