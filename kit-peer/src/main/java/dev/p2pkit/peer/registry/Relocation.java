// Moves a service to another access point when nothing of it is half done.
package dev.p2pkit.peer.registry;

import dev.p2pkit.peer.registry.Slot.Job;
import dev.p2pkit.peer.registry.Slot.Stage;
import dev.p2pkit.peer.registry.timing.Alarms;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the slots whose owners have lost or regained a name to where they are to be reached. What
 * was prepared for the old access point is given up; what is being prepared or activated goes
 * first, and a slot whose place is taken waits until that is free.
 */
final class Relocation {
  private static final Logger LOG = LoggerFactory.getLogger(Relocation.class);

  private final Alarms alarms;
  private final Deployment deployment;
  private final Slots slots;
  private final Arrival arrival;

  /** Hears of slots that are at their new place. */
  @FunctionalInterface
  interface Arrival {
    void moved(long now, Slot slot);
  }

  Relocation(Alarms alarms, Deployment deployment, Slots slots, Arrival arrival) {
    this.alarms = alarms;
    this.deployment = deployment;
    this.slots = slots;
    this.arrival = arrival;
  }

  /** Moves a slot if that can be now; to be called again when its job or its place has changed. */
  void makeWay(long now, Slot slot) {
    Job job = slot.job;
    if (job != null && (job.stage == Stage.PREPARING || job.stage == Stage.ACTIVATING)) {
      return;
    }
    if (job != null) {
      if (job.stage == Stage.PREPARED) {
        deployment.discard(job.task, slot.accessPoint);
      }
      job.cancelled = true;
      slot.job = null;
    }
    String to = Objects.requireNonNull(slot.moveTo);
    Assignment running = slot.running;
    if (running == null) {
      moved(now, slot, to);
      return;
    }
    if (slots.occupied(slot, to)) {
      return;
    }
    slot.moving = true;
    deployment.rename(
        running,
        slot.accessPoint,
        to,
        alarms.deferred(
            (then, step) -> {
              slot.moving = false;
              if (step instanceof Deployment.Step.Failed failed) {
                LOG.warn("{} could not be moved to {}: {}", slot.chain.name(), to, failed.detail());
                slot.running = null;
              }
              moved(then, slot, to);
            }));
  }

  private void moved(long now, Slot slot, String to) {
    slot.accessPoint = to;
    // Meanwhile it may have been called elsewhere.
    slot.moveTo = to.equals(slot.moveTo) ? null : slot.moveTo;
    arrival.moved(now, slot);
  }
}
