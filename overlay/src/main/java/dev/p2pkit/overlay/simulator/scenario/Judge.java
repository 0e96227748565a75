// Tells the oracles what the peers of a run may serve, and measures how long keys are not served.
package dev.p2pkit.overlay.simulator.scenario;

import dev.p2pkit.overlay.machine.Holding;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.simulator.oracle.EpochOracle;
import dev.p2pkit.overlay.simulator.oracle.Findings;
import dev.p2pkit.overlay.simulator.oracle.Neighbours;
import dev.p2pkit.overlay.simulator.oracle.OverlapOracle;
import dev.p2pkit.overlay.simulator.oracle.ServingArc;
import dev.p2pkit.overlay.simulator.oracle.ShapeOracle;
import dev.p2pkit.overlay.simulator.oracle.Sides;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.OwnershipMode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Looks at a peer after each of its steps: a lease that has changed is shown to the oracles. */
final class Judge {
  /** How long two sides that meet again may need to become one ring (µs). */
  private static final long MERGING = 60_000_000;

  private record Gap(Key key, long since) {}

  private final World world;
  private final OwnershipMode mode;
  final Findings findings = new Findings();
  final Sides sides = new Sides(MERGING);
  private final OverlapOracle overlaps = new OverlapOracle(sides, findings);
  private final EpochOracle epochs = new EpochOracle(sides, findings);
  final ShapeOracle shape;
  private final List<Gap> open = new ArrayList<>();
  private long changes;

  /** How long the arcs of single peers that died were served by nobody. */
  final Samples gaps = new Samples();

  Judge(World world, OwnershipMode mode, int successors) {
    this.world = world;
    this.mode = mode;
    shape = new ShapeOracle(successors, findings);
  }

  void stepped(Node node) {
    neighbours(node);
    tenure(node);
  }

  @SuppressWarnings("ReferenceEquality") // a change makes a new one; this runs after each step
  private void neighbours(Node node) {
    RingView view = node.view();
    RingView before = node.view;
    if (view == null || view == before) {
      return;
    }
    node.view = view;
    if (before == null
        || before.successors() != view.successors()
        || before.predecessors() != view.predecessors()) {
      shape.changed(Neighbours.of(view), world.now());
    }
  }

  /** All lists of neighbours together. */
  void lookAtAll(boolean faultless) {
    if (world.members().size() <= ShapeOracle.MOST_WHOLE) {
      shape.look(lists(), faultless, world.now());
    } else {
      shape.notAssumed();
    }
  }

  private List<Neighbours> lists() {
    return world.inOrder().stream()
        .map(Node::view)
        .filter(view -> view != null && view.joined())
        .map(Neighbours::of)
        .toList();
  }

  @SuppressWarnings("ReferenceEquality") // a renewal makes a new one; this runs after each step
  private void tenure(Node node) {
    Holding.Tenure tenure = node.tenure(mode);
    Holding.Tenure before = node.tenure;
    if (tenure == before) {
      return;
    }
    node.tenure = tenure;
    boolean same = tenure.epoch() == before.epoch() && tenure.after().equals(before.after());
    if (same && !before.isNone() && !tenure.isNone()) {
      long until = node.process.moment(tenure.until());
      OverlapOracle.Claim claim = node.claim;
      if (claim != null && overlaps.prolonged(world.now(), claim, until)) {
        return;
      }
    }
    changes++;
    if (tenure.until() == Long.MIN_VALUE) {
      overlaps.servesNothing(node.process.ref());
      epochs.servesNothing(node.process.ref());
      return;
    }
    ServingArc arc =
        new ServingArc(
            node.process.ref(),
            tenure.after(),
            tenure.epoch(),
            node.process.moment(tenure.until()));
    node.claim = overlaps.serves(world.now(), arc);
    if (mode == OwnershipMode.STRICT) {
      epochs.serves(world.now(), arc);
    }
    if (!open.isEmpty() && !tenure.after().equals(before.after())) {
      closeGaps(tenure);
    }
  }

  private void closeGaps(Holding.Tenure tenure) {
    Iterator<Gap> each = open.iterator();
    while (each.hasNext()) {
      Gap gap = each.next();
      if (gap.key().isIn(tenure.after(), tenure.upTo())) {
        gaps.add(world.now() - gap.since());
        each.remove();
      }
    }
  }

  /**
   * Grows whenever an arc was gained, lost or changed, but not when one was prolonged before it ran
   * out.
   */
  long changes() {
    return changes;
  }

  /** A member is about to die or to leave. */
  void dies(Node node) {
    shape.dies(node.id(), world.members().size(), this::lists);
  }

  /** A process is no more. */
  void died(Node node, boolean alone) {
    changes++;
    overlaps.servesNothing(node.process.ref());
    epochs.servesNothing(node.process.ref());
    if (alone && node.tenure.covers(node.id().position(), node.process.now())) {
      open.add(new Gap(node.id().position(), world.now()));
    }
    node.tenure = Holding.Tenure.NONE;
  }
}
