// Turns an archive and options into a signed record and has it rolled out.
package dev.p2pkit.client.service;

import dev.p2pkit.client.record.Edition;
import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.client.record.Plan;
import dev.p2pkit.client.record.Schedule;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.client.record.Signer;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.ServiceStatus;
import dev.p2pkit.sdk.UpdateReport;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * Installs and upgrades services: finds the record in force, signs the next one with the owner's
 * key and submits it. Peers and clients share it. Thread-safe; key files are read and archives
 * hashed on the executor.
 */
public final class ServiceInstaller {
  private static final SecureRandom RANDOM = new SecureRandom();

  private final InstallBackend backend;
  private final Optional<Path> ownerKey;
  private final Executor executor;
  private final Clock clock;

  /**
   * An installer.
   *
   * @param ownerKey the key file of installs that name none; empty for the user's own
   * @param executor for reading files, hashing and signing
   * @param clock for the records
   */
  public ServiceInstaller(
      InstallBackend backend, Optional<Path> ownerKey, Executor executor, Clock clock) {
    this.backend = backend;
    this.ownerKey = ownerKey;
    this.executor = executor;
    this.clock = clock;
  }

  /**
   * Installs an archive, or upgrades what is there under its name and instance.
   *
   * @return fails with a {@link KitException}; nothing has changed then
   */
  public CompletableFuture<UpdateReport> install(Archive archive, InstallOptions options) {
    return CompletableFuture.supplyAsync(
            () -> OwnerKey.loadOrCreate(options.ownerKey().or(() -> ownerKey)), executor)
        .thenComposeAsync(owner -> install(owner, archive, options), executor);
  }

  /** As above with a key that is at hand already. */
  public CompletableFuture<UpdateReport> install(
      OwnerKey owner, Archive archive, InstallOptions options) {
    String name = options.name().orElseGet(owner::freshName);
    return backend
        .current(name, options.instance())
        .thenComposeAsync(
            current -> {
              if (options.name().isEmpty() && current.isPresent()) {
                // A fresh name is this owner's alone; the second service under it needs a suffix.
                return submit(
                    first(owner, name + "-" + suffix(), archive, options), archive, options);
              }
              return current.isPresent()
                  ? base(current.get(), options)
                      .thenComposeAsync(
                          base ->
                              submit(
                                  current
                                      .get()
                                      .next(
                                          Signer.owner(owner),
                                          edition(archive, options),
                                          plan(options, base),
                                          clock.millis()),
                                  archive,
                                  options),
                          executor)
                  : submit(first(owner, name, archive, options), archive, options);
            },
            executor);
  }

  /**
   * What the peers run until their wave opens: what is in force, if that has reached all of them.
   */
  private CompletableFuture<Optional<Edition>> base(ServiceRecord current, InstallOptions options) {
    if (options.rollout().isEmpty() || current.withdrawn()) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    Schedule schedule = current.plan().schedule();
    if (!schedule.staged() || schedule.opened() == schedule.waves().size()) {
      return CompletableFuture.completedFuture(Optional.of(current.edition()));
    }
    return backend
        .services()
        .thenApply(
            all -> {
              long waiting =
                  all.stream()
                      .filter(it -> it.instance().equals(current.instance()))
                      .filter(it -> it.archive().equals(current.archive()))
                      .flatMap(it -> it.peers().stream())
                      .filter(peer -> peer.phase() != ServiceStatus.Phase.ACTIVE)
                      .count();
              if (waiting > 0) {
                throw new KitException(
                    ErrorCode.BUSY,
                    "version "
                        + current.version()
                        + " of "
                        + current.name()
                        + " has not reached "
                        + waiting
                        + " peers yet; promote it or roll it back before the next roll-out in waves");
              }
              return Optional.of(current.edition());
            });
  }

  private Plan plan(InstallOptions options, Optional<Edition> base) {
    return options
        .rollout()
        .map(waves -> Plan.staged(Schedules.of(waves, clock.millis()), base))
        .orElse(Plan.AT_ONCE);
  }

  /**
   * What a record brings.
   *
   * @param edition what is to run
   * @param plan and how
   */
  record Step(Edition edition, Plan plan) {}

  InstallBackend backend() {
    return backend;
  }

  /** Signs what follows the record in force and has it rolled out, without an archive. */
  CompletableFuture<UpdateReport> control(
      String name, InstallOptions options, Function<ServiceRecord, Step> next) {
    return CompletableFuture.supplyAsync(
            () -> OwnerKey.loadOrCreate(options.ownerKey().or(() -> ownerKey)), executor)
        .thenCombine(backend.current(name, options.instance()), Map::entry)
        .thenComposeAsync(
            known -> {
              ServiceRecord record =
                  known
                      .getValue()
                      .filter(it -> !it.withdrawn())
                      .orElseThrow(
                          () ->
                              new KitException(
                                  ErrorCode.NO_SUCH_SERVICE,
                                  "no service is installed under the name " + name));
              Step step = next.apply(record);
              return backend.submit(
                  record.next(
                      Signer.owner(known.getKey()), step.edition(), step.plan(), clock.millis()),
                  options.deadline());
            },
            executor);
  }

  private CompletableFuture<UpdateReport> submit(
      ServiceRecord record, Archive archive, InstallOptions options) {
    return backend.submit(record, archive, options.deadline());
  }

  private ServiceRecord first(
      OwnerKey owner, String name, Archive archive, InstallOptions options) {
    return ServiceRecord.first(
        owner,
        name,
        options.instance(),
        edition(archive, options),
        plan(options, Optional.empty()),
        clock.millis());
  }

  private static Edition edition(Archive archive, InstallOptions options) {
    return Edition.of(archive, options.upgradeable(), options.sharable());
  }

  private static String suffix() {
    byte[] random = new byte[5];
    RANDOM.nextBytes(random);
    return HexFormat.of().formatHex(random);
  }
}
