// Looks again at what runs here: whether a wave has opened, what has crashed, and how it does.
package dev.p2pkit.peer.registry;

import dev.p2pkit.client.record.Edition;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.peer.audit.AuditEntry;
import dev.p2pkit.sdk.ServiceStatus;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/** What no record brings: the clock, the health of others, and what the runtime did by itself. */
final class Review {
  private final Catalogue catalogue;
  private final Chronicle chronicle;
  private final Deployer deployer;
  private final Deployment deployment;
  private final Waves waves;
  private final HealthBook health;
  private final Placement placement;
  private final Enactment books;
  private final RegistryListener listener;
  private final Supplier<RingView> view;
  private final LongConsumer changed;

  /**
   * Looks at nothing by itself.
   *
   * @param changed called when something runs that did not before
   */
  Review(
      Catalogue catalogue,
      Chronicle chronicle,
      Deployer deployer,
      Deployment deployment,
      Waves waves,
      HealthBook health,
      Placement placement,
      Enactment books,
      RegistryListener listener,
      Supplier<RingView> view,
      LongConsumer changed) {
    this.catalogue = catalogue;
    this.chronicle = chronicle;
    this.deployer = deployer;
    this.deployment = deployment;
    this.waves = waves;
    this.health = health;
    this.placement = placement;
    this.books = books;
    this.listener = listener;
    this.view = view;
    this.changed = changed;
  }

  /** Looks again at what depends on the clock, on others' health, and on what has crashed here. */
  void all(long now) {
    for (Catalogue.Entry entry : List.copyOf(catalogue.entries())) {
      Optional<Slot> slot = deployer.slots().of(Chain.of(entry.record()));
      slot.ifPresent(it -> review(now, entry, it));
    }
    if (health.hasCompared()) {
      placement.present();
    }
  }

  /** The same for what is reached at one place. */
  void at(long now, String accessPoint, String instance) {
    for (Catalogue.Entry entry : List.copyOf(catalogue.entries())) {
      deployer
          .slots()
          .of(Chain.of(entry.record()))
          .filter(slot -> slot.accessPoint.equals(accessPoint))
          .filter(slot -> slot.chain.instance().equals(instance))
          .ifPresent(slot -> review(now, entry, slot));
    }
  }

  private void review(long now, Catalogue.Entry entry, Slot slot) {
    ServiceRecord record = entry.record();
    if (!slot.waits.isEmpty() && record.equals(slot.inForce)) {
      Optional<String> closed = waves.closed(record);
      if (closed.isEmpty()) {
        placement.deploy(now, entry, view.get().self());
        books.save(entry);
        changed.accept(now);
      } else {
        slot.waits = closed.get();
      }
    }
    Assignment running = slot.running;
    Optional<Deployment.Vitals> vitals = deployment.vitals(slot.accessPoint, slot.chain.instance());
    if (running != null && slot.job == null && slot.setback.isEmpty()) {
      vitals
          .filter(it -> it.phase() == ServiceStatus.Phase.REVERTED)
          .filter(it -> !it.archive().equals(running.archive()))
          .ifPresent(it -> reverted(now, entry, slot, running, it));
    }
    if (running != null && running.equals(slot.running)) {
      boolean others = running.archive().equals(record.archive()) && waves.awaited(record);
      deployment.awaited(running, slot.accessPoint, others);
    }
    if (record.plan().schedule().staged() && slot.waits.isEmpty()) {
      report(now, record, slot, vitals);
    }
  }

  /** Tells the others how the new version does here, once that is known. */
  private void report(
      long now, ServiceRecord record, Slot slot, Optional<Deployment.Vitals> vitals) {
    boolean stopped = vitals.filter(it -> it.phase() == ServiceStatus.Phase.STOPPED).isPresent();
    HealthReport.State state;
    if (!slot.setback.isEmpty()) {
      state = HealthReport.State.REVERTED;
    } else if (slot.gaveUp() || stopped) {
      state = HealthReport.State.FAILED;
    } else if (Assignment.target(record).equals(slot.running)) {
      state = HealthReport.State.ACTIVE;
    } else {
      return;
    }
    boolean runs = state == HealthReport.State.ACTIVE;
    health.say(
        now,
        record,
        state,
        waves.waveOf(record),
        vitals.filter(it -> runs).map(Deployment.Vitals::now).orElse(Deployment.Tally.NONE),
        vitals.filter(it -> runs).map(Deployment.Vitals::before).orElse(Deployment.Tally.NONE));
  }

  private void reverted(
      long now, Catalogue.Entry entry, Slot slot, Assignment gone, Deployment.Vitals vitals) {
    Standing.Setback setback =
        new Standing.Setback(gone.archive(), vitals.archive(), vitals.detail());
    placement.stands(slot.chain, placement.standing(slot.chain).setback(setback));
    listener.onAudit(
        AuditEntry.done(
            AuditEntry.What.REVERT, entry.record(), view.get().self().id(), vitals.detail()));
    Optional<Edition> back = chronicle.edition(slot.chain, vitals.archive());
    if (back.isPresent()) {
      deployer.reverted(slot, new Assignment(entry.record(), back.get()), vitals.detail());
    }
    books.save(entry);
    changed.accept(now);
  }
}
