// Tells the oracles of ownership what the peers of a run may serve in one mode.
package dev.p2pkit.overlay.simulator.scenario;

import dev.p2pkit.overlay.machine.Holding;
import dev.p2pkit.overlay.simulator.oracle.EpochOracle;
import dev.p2pkit.overlay.simulator.oracle.Findings;
import dev.p2pkit.overlay.simulator.oracle.OverlapOracle;
import dev.p2pkit.overlay.simulator.oracle.ServingArc;
import dev.p2pkit.overlay.simulator.oracle.Sides;
import dev.p2pkit.sdk.OwnershipMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Shows the oracles what the peers may serve in one mode. That epochs grow is promised of leases
 * alone.
 */
final class Tenures {
  /** What the oracles know of a peer. */
  private static final class Known {
    Holding.Tenure tenure = Holding.Tenure.NONE;
    OverlapOracle.@Nullable Claim claim;
  }

  private final World world;
  private final OwnershipMode mode;
  private final Sides sides;
  private final OverlapOracle overlaps;
  private final Optional<EpochOracle> epochs;

  /** By the numbers of the peers. */
  private final List<Known> known = new ArrayList<>();

  Tenures(World world, OwnershipMode mode, Sides sides, Findings findings) {
    this.world = world;
    this.mode = mode;
    this.sides = sides;
    overlaps = new OverlapOracle(sides, findings);
    epochs =
        mode == OwnershipMode.STRICT
            ? Optional.of(new EpochOracle(sides, findings))
            : Optional.empty();
  }

  private Known known(Node node) {
    while (known.size() <= node.index()) {
      known.add(new Known());
    }
    return known.get(node.index());
  }

  /** What it may serve, as the oracles were told last. */
  Holding.Tenure last(Node node) {
    return known(node).tenure;
  }

  /**
   * A peer has made a step.
   *
   * @return whether it serves another arc, or in another epoch, or serves again; and not the same
   *     for longer
   */
  @SuppressWarnings("ReferenceEquality") // a renewal makes a new one; this runs after each step
  boolean stepped(Node node) {
    Known peer = known(node);
    Holding.Tenure tenure = node.tenure(mode);
    Holding.Tenure before = peer.tenure;
    if (tenure == before) {
      return false;
    }
    peer.tenure = tenure;
    boolean same = tenure.epoch() == before.epoch() && tenure.after().equals(before.after());
    if (same && !before.isNone() && !tenure.isNone()) {
      long until = node.process.moment(tenure.until());
      OverlapOracle.Claim claim = peer.claim;
      if (claim != null && overlaps.prolonged(world.now(), claim, until)) {
        return false;
      }
    }
    if (tenure.until() == Long.MIN_VALUE) {
      servesNothing(node);
      return true;
    }
    if (mode == OwnershipMode.STRICT && tenure.epoch() != before.epoch()) {
      sides.serves(node.id(), tenure.epoch());
    }
    ServingArc arc =
        new ServingArc(
            node.process.ref(),
            tenure.after(),
            tenure.epoch(),
            node.process.moment(tenure.until()));
    peer.claim = overlaps.serves(world.now(), arc);
    epochs.ifPresent(oracle -> oracle.serves(world.now(), arc));
    return true;
  }

  private void servesNothing(Node node) {
    overlaps.servesNothing(node.process.ref());
    epochs.ifPresent(oracle -> oracle.servesNothing(node.process.ref()));
  }

  /** A process is no more. */
  void died(Node node) {
    servesNothing(node);
    known(node).tenure = Holding.Tenure.NONE;
  }
}
