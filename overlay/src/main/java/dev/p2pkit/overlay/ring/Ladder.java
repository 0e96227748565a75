// The shape of this peer's table: chooses it, changes it, and keeps what is outside of the arc.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.ladder.Chooser;
import dev.p2pkit.overlay.ladder.CostModel;
import dev.p2pkit.overlay.ladder.Rungs;
import dev.p2pkit.overlay.machine.FaultSite;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.ring.MembershipMessage.Records;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides of how much of the ring this peer knows everybody, and knows a few of the rest: one of a
 * family of tables in which the smallest has everybody and one hop, and each further level costs
 * less and takes one hop more. The table becomes narrower at once, and keeps whom it knew as hints
 * until it has contacts; it becomes wider when all that is missing has been fetched. So in between
 * messages find their way as before.
 */
final class Ladder {
  /** How often the shape is thought over. */
  private static final long THINK_EVERY = 10_000_000;

  private static final Key MINUS_ONE = new Key(-1, -1);

  final RingCore core;
  private final CostModel model;
  private final Chooser chooser;
  final Contacts contacts;

  /** What is left of the budget. */
  final Purse purse;

  private Rungs rungs = Rungs.FULL;
  private @Nullable Widening widening;
  private double peers = 1;
  private @Nullable TableNotice ahead;
  private @Nullable TableNotice behind;
  private long thinkAt = Long.MIN_VALUE;
  private long shapes;

  Ladder(RingCore core) {
    this.core = core;
    LadderConfig config = core.config.ladder();
    model = new CostModel(config.contacts());
    chooser = new Chooser(model, new Chooser.Budget(config.bytesPerSecond(), config.tableBytes()));
    contacts = new Contacts(core, empty(Rungs.FULL));
    purse = new Purse(core.effects, config.bytesPerSecond());
  }

  private ContactTable empty(Rungs shape) {
    return new ContactTable(shape, core.self.id().position(), core.config.ladder().contacts());
  }

  Rungs rungs() {
    return rungs;
  }

  /** Whether everybody is known. */
  boolean full() {
    return rungs.full();
  }

  /** How many peers there are, as far as this one can tell. */
  double peers() {
    return full() ? core.table.size() : Math.max(peers, core.table.size());
  }

  /** As {@link #peers}, unless a simulation has it wrong. */
  private double believed() {
    double right = peers();
    if (!core.effects.faults().fires(FaultSite.SIZE_WRONG)) {
      return right;
    }
    return core.effects.random().nextBoolean() ? right * 4 : right / 4;
  }

  /** How often the shape has changed. */
  long shapes() {
    return shapes;
  }

  /** The part of the ring of which everybody is known for sure. */
  Coverage exact() {
    Widening open = widening;
    return open == null ? core.table.coverage() : open.before();
  }

  /** Whether members are being fetched of a part that is not known for sure yet. */
  boolean isWidening() {
    return widening != null;
  }

  /** The hash over {@link #exact}. */
  long hash() {
    if (widening == null) {
      return core.table.hash();
    }
    Coverage coverage = exact();
    long combined = 0;
    for (int place = 0; place < coverage.count(); place++) {
      combined ^= core.table.hashOf(coverage.bits(), coverage.blockAt(place)).orElse(0);
    }
    return combined;
  }

  TableNotice notice() {
    int estimate = (int) Math.min(Integer.MAX_VALUE, Math.max(1, Math.round(believed())));
    return new TableNotice(rungs.level(), rungs.arcBits(), estimate, hash());
  }

  /** What a neighbour on the ring says about its table. */
  void heard(PeerId from, TableNotice notice) {
    if (core.pointers.successor().map(ref -> ref.id().equals(from)).orElse(false)) {
      ahead = notice;
    } else if (core.pointers.predecessor().map(ref -> ref.id().equals(from)).orElse(false)) {
      behind = notice;
    }
  }

  /** The widest arc nearby, which news of members have to reach, as a negative power of two. */
  int widestArcBits() {
    int widest = rungs.arcBits();
    for (TableNotice notice : Arrays.asList(ahead, behind)) {
      if (notice != null && notice.arcBits() >= Rungs.LEAST_ARC_BITS) {
        widest = Math.min(widest, notice.arcBits());
      }
    }
    // A neighbour that wants all news of the ring gets them by comparing, not by everybody's work.
    return Math.max(widest, rungs.arcBits() - 2);
  }

  /** This peer is outside. */
  void clear() {
    rungs = Rungs.FULL;
    widening = null;
    peers = 1;
    core.known.clear();
    ahead = null;
    behind = null;
    thinkAt = Long.MIN_VALUE;
    chooser.forget();
    contacts.clear(empty(rungs));
  }

  /** The shape that the configuration demands, or the best for so many peers of whom none goes. */
  private Rungs shapeFor(double size) {
    LadderConfig config = core.config.ladder();
    if (config.fixedLevel() == 0) {
      Chooser.Sight quiet = new Chooser.Sight(size, Double.POSITIVE_INFINITY, 0, 0);
      return model.best(chooser.smallest(quiet, 0.8), size);
    }
    return fixed(size);
  }

  private Rungs fixed(double size) {
    LadderConfig config = core.config.ladder();
    if (config.fixedLevel() == 1 || config.fixedArcBits() == 0) {
      return model.best(config.fixedLevel(), size);
    }
    Rungs wanted = new Rungs(config.fixedLevel(), config.fixedArcBits());
    return CostModel.possible(wanted, size) ? wanted : model.best(config.fixedLevel(), size);
  }

  /** This peer begins as a member of a ring that has been there for long. */
  void form(FormedRing formed) {
    peers = formed.peers().size();
    take(shapeFor(peers));
    Coverage coverage = core.table.coverage();
    FormedTable table =
        formed.table(
            coverage,
            () ->
                FormedTable.draw(
                    formed,
                    coverage,
                    empty(rungs),
                    core.config.ladder().contacts(),
                    core.effects.random()));
    core.table.form(table);
    contacts.form(table.contacts());
    if (!full()) {
      core.known.form(table);
    }
  }

  /** A newcomer has the shape of the peer that lets it in. */
  void adopt(TableNotice notice) {
    peers = notice.peers();
    take(sameAs(notice));
  }

  private static Rungs sameAs(TableNotice notice) {
    return notice.level() == 1 || notice.arcBits() < Rungs.LEAST_ARC_BITS
        ? Rungs.FULL
        : new Rungs(notice.level(), notice.arcBits());
  }

  private void take(Rungs next) {
    rungs = next;
    core.table.recover(coverageOf(next));
    contacts.reshape(empty(next));
    shapes++;
  }

  private Coverage coverageOf(Rungs shape) {
    return Coverage.around(core.self.id().position(), shape.arcBits());
  }

  /** Once a second. */
  void tick(long now) {
    purse.look(now);
    estimate();
    double session = core.churn.session(now, core.table.size());
    core.known.tick(now);
    contacts.tick(now, session);
    Widening open = widening;
    if (!full() && core.phase == Phase.MEMBER && alone()) {
      // The only one left knows everybody; there is nobody to fetch the rest from, and a newcomer
      // with this peer's arc would find nobody in its own.
      widening = null;
      take(Rungs.FULL);
    } else if (open != null) {
      widen(now, open);
    } else if (now >= thinkAt) {
      thinkAt = now + THINK_EVERY;
      think(now, session);
    }
  }

  private void estimate() {
    if (full()) {
      peers = core.table.size();
      return;
    }
    Coverage coverage = exact();
    double own =
        (double) countIn(coverage) / coverage.count() * StrictMath.scalb(1.0, coverage.bits());
    double sum = own;
    int count = 1;
    for (TableNotice notice : Arrays.asList(ahead, behind)) {
      // Nobody near sees a ring of quite another size; who says so is not believed.
      if (notice != null && notice.peers() < 4 * own && notice.peers() > own / 4) {
        sum += notice.peers();
        count++;
      }
    }
    peers = sum / count;
  }

  private int countIn(Coverage coverage) {
    if (widening == null) {
      return core.table.size();
    }
    return 1
        + Dissemination.reach(core.table, coverage, core.self.id(), EventLanes.Direction.CLOCKWISE)
        + Dissemination.reach(
            core.table, coverage, core.self.id(), EventLanes.Direction.COUNTER_CLOCKWISE);
  }

  private void think(long now, double session) {
    Rungs wanted;
    if (core.config.ladder().fixedLevel() != 0) {
      Rungs best = fixed(peers());
      wanted =
          best.level() == rungs.level() && core.config.ladder().fixedArcBits() == 0
              ? chooser.adjusted(rungs, best, peers())
              : best;
    } else if (core.effects.faults().fires(FaultSite.TABLE_SMALLEST)) {
      wanted = model.best(Rungs.MOST_LEVELS, peers());
    } else {
      double other = core.effects.rate(Purpose.RING) + core.effects.rate(Purpose.LEASE);
      // What had to wait would have been sent if there had been a budget for it. What a union costs
      // comes once, and is no reason for a smaller table: then only what is computed counts.
      double needed = purse.wasShort() ? Double.POSITIVE_INFINITY : core.effects.chargeableRate();
      double measured = core.merger.unitedLately(now) ? 0 : needed;
      wanted = chooser.choose(now, rungs, new Chooser.Sight(believed(), session, measured, other));
    }
    if (!wanted.equals(rungs)) {
      become(now, wanted);
    }
  }

  private void become(long now, Rungs next) {
    Coverage covered = core.table.coverage();
    Coverage after = coverageOf(next);
    if (covered.contains(after)) {
      core.known.narrowed(now);
      take(next);
    } else {
      core.table.recover(after);
      widening = new Widening(core, next, covered, after, now);
    }
  }

  private void widen(long now, Widening open) {
    switch (open.tick(now)) {
      case DONE -> {
        widening = null;
        take(open.target());
      }
      case GIVEN_UP -> {
        widening = null;
        core.table.recover(open.before());
        chooser.forget();
      }
      case GOING_ON -> {}
    }
  }

  void onRecords(Records records) {
    Widening open = widening;
    if (open != null) {
      open.received(records);
    }
  }

  /** A peer is gone. */
  void gone(PeerId id) {
    contacts.gone(id);
  }

  /** Nobody else is known. */
  boolean alone() {
    return core.table.size() == 1 && contacts.table().size() == 0;
  }

  /** What changes whenever {@link KnownPeers#all} does. */
  long changes() {
    return core.table.changes() + contacts.table().changes() + core.known.changes() + shapes;
  }

  RingView view(boolean joined, long version, List<PeerRef> before, List<PeerRef> after) {
    Coverage coverage = exact();
    if (coverage.complete()) {
      return RingView.ofSorted(core.self, joined, version, before, after, core.known.all());
    }
    // A key is known exactly if a member at or behind it is.
    PeerRef last = core.table.before(coverage.end());
    return RingView.partial(
        core.self,
        joined,
        version,
        before,
        after,
        core.known.all(),
        coverage.start().plus(MINUS_ONE),
        last.id().position());
  }
}
