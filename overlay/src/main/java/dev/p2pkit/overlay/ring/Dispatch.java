// Which part of the ring a message is for.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.broadcast.Broadcaster;
import dev.p2pkit.overlay.lease.LeaseMessage;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.ring.MemberNews.Kind;
import dev.p2pkit.overlay.ring.MembershipMessage.BlockHashes;
import dev.p2pkit.overlay.ring.MembershipMessage.ContactAnswer;
import dev.p2pkit.overlay.ring.MembershipMessage.ContactRequest;
import dev.p2pkit.overlay.ring.MembershipMessage.Events;
import dev.p2pkit.overlay.ring.MembershipMessage.EventsTaken;
import dev.p2pkit.overlay.ring.MembershipMessage.HashOffer;
import dev.p2pkit.overlay.ring.MembershipMessage.Probe;
import dev.p2pkit.overlay.ring.MembershipMessage.ProbeAnswer;
import dev.p2pkit.overlay.ring.MembershipMessage.Records;
import dev.p2pkit.overlay.ring.MembershipMessage.WitnessAnswer;
import dev.p2pkit.overlay.ring.MembershipMessage.WitnessRequest;
import dev.p2pkit.overlay.ring.MergeMessage.Foreign;
import dev.p2pkit.overlay.ring.MergeMessage.Hail;
import dev.p2pkit.overlay.ring.MergeMessage.HailAnswer;
import dev.p2pkit.overlay.ring.MergeMessage.TablePart;
import dev.p2pkit.overlay.ring.MergeMessage.TablePull;
import dev.p2pkit.overlay.ring.RingMessage.Accused;
import dev.p2pkit.overlay.ring.RingMessage.JoinAccept;
import dev.p2pkit.overlay.ring.RingMessage.JoinBusy;
import dev.p2pkit.overlay.ring.RingMessage.JoinDone;
import dev.p2pkit.overlay.ring.RingMessage.JoinRedirect;
import dev.p2pkit.overlay.ring.RingMessage.JoinRefused;
import dev.p2pkit.overlay.ring.RingMessage.JoinRequest;
import dev.p2pkit.overlay.ring.RingMessage.Leave;
import dev.p2pkit.overlay.ring.RingMessage.LeaveAnswer;
import dev.p2pkit.overlay.ring.RingMessage.NotMember;
import dev.p2pkit.overlay.ring.RingMessage.Snapshot;
import dev.p2pkit.overlay.ring.RingMessage.Stabilise;
import dev.p2pkit.overlay.ring.RingMessage.StabiliseAnswer;
import dev.p2pkit.overlay.ring.RingMessage.StabiliseBusy;

/**
 * Gives each message of the ring to the part that it is for. {@link RingMachine} has noted before
 * that its sender lives, and settles the outcome afterwards.
 */
final class Dispatch {
  private final RingCore core;
  private final Broadcaster broadcaster;
  private final Admission admission;
  private final Joining joining;
  private final Leaving leaving;

  Dispatch(
      RingCore core,
      Broadcaster broadcaster,
      Admission admission,
      Joining joining,
      Leaving leaving) {
    this.core = core;
    this.broadcaster = broadcaster;
    this.admission = admission;
    this.joining = joining;
    this.leaving = leaving;
  }

  void onMessage(long now, PeerRef from, WireMessage message) {
    if (message instanceof RingMessage ring) {
      onRing(now, from, ring);
    } else if (message instanceof MembershipMessage membership) {
      onMembership(now, from, membership);
    } else if (message instanceof LeaseMessage lease) {
      accuse(from);
      core.ownership.onMessage(now, from, lease);
    } else if (message instanceof MergeMessage merge) {
      onMerge(now, from, merge);
    } else if (message instanceof Relay relay) {
      core.detours
          .onRelay(now, from, relay)
          .ifPresent(taken -> onMessage(now, taken.from(), taken.message()));
    }
  }

  /** Whoever is taken for dead would ask on for its lease, and hear nothing. */
  private void accuse(PeerRef from) {
    if (core.phase.hasPlace() && core.table.isGone(from)) {
      core.table
          .known(from.id())
          .filter(grave -> grave.kind() == Kind.FAILED)
          .ifPresent(
              grave -> core.effects.send(from, new Accused(grave.ref(), grave.refutation())));
    }
  }

  private void onRing(long now, PeerRef from, RingMessage message) {
    if (message instanceof Stabilise m) {
      core.stabiliser.onQuestion(now, from, m);
      core.ladder.heard(from.id(), m.table());
      core.comparison.onHeartbeat(now, from, m.table());
      broadcaster.compare(now, from, m.broadcasts());
    } else if (message instanceof StabiliseAnswer m) {
      core.stabiliser.onAnswer(now, from, m);
      core.ladder.heard(from.id(), m.table());
      core.comparison.onHeartbeat(now, from, m.table());
      broadcaster.compare(now, from, m.broadcasts());
    } else if (message instanceof StabiliseBusy m) {
      core.stabiliser.onBusy(now, from, m);
    } else if (message instanceof NotMember m) {
      joining.onNotMember(now, from);
      core.stabiliser.onNotMember(now, from, m);
    } else if (message instanceof Accused m) {
      if (core.isSelf(m.process().id())) {
        core.refutation.accused(now, from, m);
      }
    } else if (message instanceof JoinRequest) {
      admission.onRequest(now, from);
    } else if (message instanceof JoinRedirect m) {
      joining.onRedirect(now, from, m);
    } else if (message instanceof JoinBusy m) {
      joining.onBusy(now, from, m);
    } else if (message instanceof JoinRefused m) {
      joining.onRefused(now, from, m);
    } else if (message instanceof JoinAccept m) {
      joining.onAccept(now, from, m);
    } else if (message instanceof Snapshot m) {
      joining.onSnapshot(now, from, m);
    } else if (message instanceof JoinDone m) {
      admission.onDone(now, from, m);
    } else if (message instanceof Leave m) {
      leaving.onLeave(now, from, m);
    } else if (message instanceof LeaveAnswer) {
      leaving.onAnswer(now, from.id());
    }
  }

  private void onMembership(long now, PeerRef from, MembershipMessage message) {
    if (message instanceof HashOffer m) {
      core.comparison.onOffer(now, from, m);
    } else if (message instanceof BlockHashes m) {
      core.comparison.onHashes(now, from, m);
    } else if (message instanceof Records m) {
      core.comparison.onRecords(now, from, m);
    } else if (message instanceof Events m) {
      core.dissemination.onEvents(now, from, m);
    } else if (message instanceof ContactRequest m) {
      core.ladder.contacts.onRequest(now, from, m);
    } else if (message instanceof ContactAnswer m) {
      core.ladder.contacts.onAnswer(now, from, m);
    } else if (message instanceof EventsTaken m) {
      core.dissemination.onTaken(now, from, m);
    } else if (message instanceof Probe m) {
      core.detector.onProbe(from, m);
    } else if (message instanceof ProbeAnswer m) {
      core.detector.onProbeAnswer(now, from, m);
      core.detours.onProbeAnswer(now, from, m);
    } else if (message instanceof WitnessRequest m) {
      core.detector.onWitnessRequest(now, from, m);
    } else if (message instanceof WitnessAnswer m) {
      core.detector.onWitnessAnswer(now, from, m);
    }
  }

  private void onMerge(long now, PeerRef from, MergeMessage message) {
    boolean greeting = message instanceof Hail || message instanceof HailAnswer;
    if (greeting && !core.table.contains(from.id())) {
      core.ownership.met(now);
    }
    if (message instanceof Hail m) {
      core.merger.onHail(now, from, m);
    } else if (message instanceof HailAnswer m) {
      core.merger.onHailAnswer(now, from, m);
    } else if (message instanceof Foreign m) {
      core.merger.onForeign(now, from, m);
    } else if (message instanceof TablePull m) {
      core.merger.onPull(now, from, m);
    } else if (message instanceof TablePart m) {
      core.merger.onPart(now, from, m);
    }
  }
}
