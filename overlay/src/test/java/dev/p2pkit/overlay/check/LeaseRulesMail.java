// What the peers of a world of lease rules hear, and what follows from it.
package dev.p2pkit.overlay.check;

import dev.p2pkit.overlay.check.Links.Sent;
import dev.p2pkit.overlay.lease.LeaseMessage;
import dev.p2pkit.overlay.lease.LeaseMessage.Arc;
import dev.p2pkit.overlay.lease.LeaseMessage.Renew;
import dev.p2pkit.overlay.machine.PeerRef;
import java.util.Optional;

/**
 * Delivers what is under way in a {@link LeaseRulesWorld}: lease messages, and what a ring tells.
 */
final class LeaseRulesMail {
  /** A peer has left and gives its arc up. */
  record Left(Optional<Arc> arc) {}

  /** A peer's host says that the process has ended. */
  record Ended(PeerRef process) {}

  /** A successor tells of somebody who stands in between. */
  record Between(PeerRef peer) {}

  private final LeaseRulesWorld world;

  LeaseRulesMail(LeaseRulesWorld world) {
    this.world = world;
  }

  void deliver(LeaseRulesPeer from, LeaseRulesPeer to, Sent sent) {
    long local = to.local();
    if (sent.what() instanceof LeaseMessage message) {
      to.believe(from.index, from.alive || sent.from().equals(from.ref));
      if (from.gone) {
        to.doubtAt[from.index] =
            Math.min(to.doubtAt[from.index], world.now + LeaseRulesWorld.SUSPICION);
      }
      if (message instanceof Renew) {
        tellBetween(from, to);
        if (from.alive && from.next(from.index, 1) == to.index) {
          to.lease.followed(from.ref.id());
        }
      }
      to.lease.onMessage(local, sent.from(), message);
    } else if (sent.what() instanceof Between between) {
      int who = world.place(between.peer().id());
      if (world.peers[who].runs() && world.reaches(to.index, who)) {
        to.believe(who, true);
      }
    } else if (sent.what() instanceof Ended ended) {
      if (ended.process().equals(from.ref)) {
        to.believe(from.index, false);
      }
      to.lease.dead(local, ended.process());
      to.lease.look(local);
    } else if (sent.what() instanceof Left left) {
      left.arc().ifPresent(arc -> to.lease.onRelease(local, from.ref.id(), arc));
      to.believe(from.index, false);
      to.lease.look(local);
    }
  }

  /** What stabilisation does: whoever asks the wrong successor hears of the right one. */
  private void tellBetween(LeaseRulesPeer from, LeaseRulesPeer to) {
    int at = to.next(to.index, -1);
    if (at != from.index && at != to.index) {
      boolean between =
          Math.floorMod(at - from.index, world.count)
              < Math.floorMod(to.index - from.index, world.count);
      if (between) {
        world.post(to, from.index, new Between(world.peers[at].ref));
      }
    }
  }
}
