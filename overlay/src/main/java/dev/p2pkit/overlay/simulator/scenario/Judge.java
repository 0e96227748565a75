// Tells the oracles what the peers of a run may serve, and measures how long keys are not served.
package dev.p2pkit.overlay.simulator.scenario;

import dev.p2pkit.overlay.machine.Holding;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.simulator.oracle.Findings;
import dev.p2pkit.overlay.simulator.oracle.Neighbours;
import dev.p2pkit.overlay.simulator.oracle.RingShape;
import dev.p2pkit.overlay.simulator.oracle.ShapeOracle;
import dev.p2pkit.overlay.simulator.oracle.Sides;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.OwnershipMode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Looks at a peer after each of its steps: a lease that has changed is shown to the oracles. Leases
 * are promised to be those of one owner in every run; in one whose messages go by {@link
 * OwnershipMode#AVAILABLE} two may serve a key for a moment, which is counted apart.
 */
final class Judge {
  /** How long two sides that meet again may need to become one ring (µs). */
  private static final long MERGING = 60_000_000;

  /** A key that nobody serves since then; how long that lasts counts among these. */
  private record Gap(Key key, long since, Samples among) {}

  private final World world;
  final Findings findings = new Findings();
  final Sides sides = new Sides(MERGING);

  /** What is allowed for a moment. */
  final Findings allowed = new Findings();

  private final Tenures tenures;

  /** The leases, in runs whose messages do not go by them. */
  private final Optional<Tenures> leases;

  final ShapeOracle shape;

  /** Whose processes live and have lists. */
  private final Set<Node> listed = new LinkedHashSet<>();

  private final List<Gap> open = new ArrayList<>();
  private long changes;

  /** How long the arcs of single peers that died were served by nobody. */
  final Samples gaps = new Samples();

  /** The same of peers that left. */
  final Samples leaves = new Samples();

  Judge(World world, OwnershipMode mode, int successors) {
    this.world = world;
    boolean strict = mode == OwnershipMode.STRICT;
    tenures = new Tenures(world, mode, sides, strict ? findings : allowed);
    leases =
        strict
            ? Optional.empty()
            : Optional.of(new Tenures(world, OwnershipMode.STRICT, sides, findings));
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
    if (view.joined() || !view.successors().isEmpty()) {
      listed.add(node);
    } else {
      listed.remove(node);
    }
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

  /**
   * The lists of all members; and of those who wait for their arc, since they tell theirs to
   * others, who may skip somebody by it.
   */
  private RingShape lists() {
    List<Neighbours> members = new ArrayList<>();
    List<Neighbours> entering = new ArrayList<>();
    for (Node node : listed) {
      RingView view = node.view;
      if (view != null && node.member && view.joined()) {
        members.add(Neighbours.of(view));
      } else if (view != null && (node.member || node.joinBegan > 0)) {
        entering.add(Neighbours.of(view));
      }
    }
    return new RingShape(members, entering);
  }

  private void tenure(Node node) {
    leases.ifPresent(each -> each.stepped(node));
    Holding.Tenure before = node.tenure;
    boolean changed = tenures.stepped(node);
    Holding.Tenure tenure = tenures.last(node);
    node.tenure = tenure;
    if (changed) {
      changes++;
      if (node.leaving && !before.isNone() && tenure.isNone()) {
        open.add(new Gap(node.id().position(), world.now(), leaves));
      }
      if (!open.isEmpty() && !tenure.isNone() && !tenure.after().equals(before.after())) {
        closeGaps(tenure);
      }
    }
  }

  private void closeGaps(Holding.Tenure tenure) {
    Iterator<Gap> each = open.iterator();
    while (each.hasNext()) {
      Gap gap = each.next();
      if (gap.key().isIn(tenure.after(), tenure.upTo())) {
        gap.among().add(world.now() - gap.since());
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
    listed.remove(node);
    tenures.died(node);
    leases.ifPresent(each -> each.died(node));
    if (alone && node.tenure.covers(node.id().position(), node.process.now())) {
      open.add(new Gap(node.id().position(), world.now(), gaps));
    }
    node.tenure = Holding.Tenure.NONE;
  }
}
