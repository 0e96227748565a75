// The owner's hold on a service, by records that follow the one in force.
package dev.p2pkit.client.service;

import dev.p2pkit.client.record.Certificate;
import dev.p2pkit.client.record.Edition;
import dev.p2pkit.client.record.HybridTime;
import dev.p2pkit.client.record.Operation;
import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.client.record.Plan;
import dev.p2pkit.client.record.Schedule;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.client.record.Signer;
import dev.p2pkit.client.ticket.ServiceTicket;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Revision;
import dev.p2pkit.sdk.ServiceControl;
import dev.p2pkit.sdk.ServiceRight;
import dev.p2pkit.sdk.UpdateReport;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * Signs control records. Thread-safe.
 *
 * @param installer signs and submits
 * @param name the service's name
 * @param options instance, key and deadline
 * @param signer signs; empty for the key that the options name
 */
record RecordControl(
    ServiceInstaller installer, String name, InstallOptions options, Optional<Signer> signer)
    implements ServiceControl {

  @Override
  public CompletableFuture<UpdateReport> pause() {
    return installer.control(
        signer,
        name,
        options,
        record ->
            new ServiceInstaller.Step(record.edition(), staged(record, it -> it.paused(true))));
  }

  @Override
  public CompletableFuture<UpdateReport> resume() {
    return installer.control(
        signer,
        name,
        options,
        record ->
            new ServiceInstaller.Step(record.edition(), staged(record, it -> resumed(record, it))));
  }

  private static Schedule resumed(ServiceRecord record, Schedule schedule) {
    if (!schedule.paused()) {
      throw new KitException(
          ErrorCode.NOT_UPGRADEABLE,
          "the roll-out of epoch "
              + record.epoch()
              + " of "
              + record.name()
              + " is not paused; 'service status' says what its waves wait for, and 'service"
              + " promote' opens the next one by hand");
    }
    return schedule.paused(false);
  }

  @Override
  public CompletableFuture<UpdateReport> promote() {
    return installer.control(
        signer,
        name,
        options,
        record ->
            new ServiceInstaller.Step(
                record.edition(), staged(record, it -> it.promoted(installer.clock().millis()))));
  }

  @Override
  public CompletableFuture<UpdateReport> promoteAll() {
    return installer.control(
        signer,
        name,
        options,
        record ->
            new ServiceInstaller.Step(
                record.edition(), staged(record, it -> it.opened(it.waves().size()))));
  }

  private static Plan staged(ServiceRecord record, UnaryOperator<Schedule> change) {
    Schedule schedule = record.plan().schedule();
    if (!schedule.staged()) {
      throw new KitException(
          ErrorCode.NOT_UPGRADEABLE,
          "epoch "
              + record.epoch()
              + " of "
              + record.name()
              + " is for all peers at once; roll out in waves with --canary or --waves");
    }
    return Plan.staged(change.apply(schedule), record.plan().base());
  }

  @Override
  public CompletableFuture<UpdateReport> rollback() {
    return back(Optional.empty(), Plan.AT_ONCE);
  }

  @Override
  public CompletableFuture<UpdateReport> rollbackTo(String version) {
    return back(Optional.of(version), Plan.AT_ONCE);
  }

  @Override
  public CompletableFuture<UpdateReport> rollbackDiscardingSince(Optional<String> version) {
    return back(version, Plan.GO_BACK);
  }

  private CompletableFuture<UpdateReport> back(Optional<String> version, Plan plan) {
    Predicate<Edition> wanted = edition -> version.map(edition.version()::equals).orElse(true);
    String otherwise =
        version
            .map(
                it ->
                    "no version "
                        + it
                        + " of "
                        + name
                        + " is known; 'service history' shows which are")
            .orElse("no version of " + name + " before the present one is known");
    return installer
        .backend()
        .history(name, options.instance())
        .thenCompose(
            past ->
                installer.control(
                    signer,
                    name,
                    options,
                    record -> {
                      Edition edition =
                          before(record, past).stream()
                              .filter(it -> !it.archive().equals(record.archive()))
                              .filter(wanted)
                              .findFirst()
                              .orElseThrow(
                                  () -> new KitException(ErrorCode.BAD_ARCHIVE, otherwise));
                      return new ServiceInstaller.Step(edition, plan);
                    }));
  }

  /** What ran before a record, the latest first. */
  private static List<Edition> before(ServiceRecord record, List<ServiceRecord> past) {
    List<Edition> editions = new ArrayList<>();
    record.plan().base().ifPresent(editions::add);
    for (int i = past.size() - 1; i >= 0; i--) {
      ServiceRecord each = past.get(i);
      if (each.owner().equals(record.owner()) && !each.withdrawn()) {
        editions.add(each.edition());
        each.plan().base().ifPresent(editions::add);
      }
    }
    return editions;
  }

  @Override
  public CompletableFuture<UpdateReport> withdraw() {
    return installer.control(
        signer,
        name,
        options,
        record -> new ServiceInstaller.Step(record.edition(), Plan.WITHDRAWN));
  }

  @Override
  public CompletableFuture<String> ticket(Set<ServiceRight> rights, Duration validity) {
    Set<Certificate.Power> powers = EnumSet.noneOf(Certificate.Power.class);
    for (ServiceRight right : rights) {
      powers.add(
          switch (right) {
            case INVOKE -> Certificate.Power.INVOKE;
            case UPGRADE -> Certificate.Power.UPGRADE;
          });
    }
    return installer.ticket(signer, name, options, powers, validity).thenApply(ServiceTicket::text);
  }

  @Override
  public CompletableFuture<UpdateReport> revoke() {
    return installer.revoke(signer, name, options);
  }

  @Override
  public CompletableFuture<List<Revision>> history() {
    return installer
        .backend()
        .history(name, options.instance())
        .thenApply(RecordControl::revisions);
  }

  private static List<Revision> revisions(List<ServiceRecord> past) {
    List<Revision> all = new ArrayList<>();
    for (int i = past.size() - 1; i >= 0; i--) {
      ServiceRecord record = past.get(i);
      Optional<ServiceRecord> before =
          past.stream().filter(it -> it.hash().equals(record.previous())).findFirst();
      List<ServiceRecord> later = past.subList(i + 1, past.size());
      boolean forked =
          later.stream()
              .anyMatch(
                  it ->
                      it.epoch() == record.epoch()
                          && it.generation() == record.generation()
                          && it.previous().equals(record.previous()));
      all.add(
          new Revision(
              record.epoch(),
              what(record, before, past.subList(0, i)),
              record.version(),
              record.archive(),
              Instant.ofEpochMilli(HybridTime.wallMillis(record.hlc())),
              OwnerKey.fingerprint(signer(record)),
              record.hash(),
              later.isEmpty(),
              forked));
    }
    return all;
  }

  private static String signer(ServiceRecord record) {
    List<Certificate> chain = record.chain();
    return chain.isEmpty() ? record.owner() : chain.get(chain.size() - 1).key();
  }

  private static String what(
      ServiceRecord record, Optional<ServiceRecord> before, List<ServiceRecord> earlier) {
    if (record.plan().operation() == Operation.WITHDRAW) {
      return "withdrawal";
    }
    if (record.epoch() == 1 || before.filter(ServiceRecord::withdrawn).isPresent()) {
      return "install";
    }
    if (before.filter(it -> it.generation() < record.generation()).isPresent()) {
      return "revocation";
    }
    Schedule schedule = record.plan().schedule();
    if (before.filter(it -> it.archive().equals(record.archive())).isPresent()) {
      if (before.get().plan().schedule().paused(false).equals(schedule)
          && before.get().plan().schedule().paused()) {
        return "resume";
      }
      return schedule.paused() ? "pause" : schedule.opened() > 0 ? "promote" : "upgrade";
    }
    if (schedule.staged()) {
      return "roll-out";
    }
    boolean known =
        earlier.stream()
            .anyMatch(
                it ->
                    it.archive().equals(record.archive())
                        || it.plan()
                            .base()
                            .filter(b -> b.archive().equals(record.archive()))
                            .isPresent());
    return known ? "rollback" : "upgrade";
  }
}
