// Turns an archive and options into a signed record and has it rolled out.
package dev.p2pkit.client.service;

import dev.p2pkit.client.record.Certificate;
import dev.p2pkit.client.record.Edition;
import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.client.record.Plan;
import dev.p2pkit.client.record.Schedule;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.client.record.Signer;
import dev.p2pkit.client.ticket.ServiceTicket;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.ServiceStatus;
import dev.p2pkit.sdk.UpdateReport;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
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
    return install(Signer.owner(owner), archive, options);
  }

  /**
   * As above in the name of an owner. Only an owner installs; whoever has the right by a ticket
   * upgrades what is there.
   */
  public CompletableFuture<UpdateReport> install(
      Signer signer, Archive archive, InstallOptions options) {
    try {
      ServiceRecord.checkPausable(
          options.upgradeable(), options.rollout().isPresent(), options.name().orElse("a service"));
    } catch (KitException e) {
      return CompletableFuture.failedFuture(e);
    }
    OwnerKey owner = signer.key();
    String name = options.name().orElseGet(owner::freshName);
    return backend
        .current(name, options.instance())
        .thenComposeAsync(
            current -> {
              if (options.name().isEmpty() && current.isPresent()) {
                // A fresh name is this owner's alone; the second service under it needs a suffix.
                return submit(
                    first(signer, name + "-" + suffix(), archive, options), archive, options);
              }
              return current.isPresent()
                  ? base(current.get(), options)
                      .thenComposeAsync(
                          base ->
                              submit(
                                  next(current.get(), signer, archive, options, base),
                                  archive,
                                  options),
                          executor)
                  : submit(first(signer, name, archive, options), archive, options);
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

  Clock clock() {
    return clock;
  }

  /** Signs what follows the record in force and has it rolled out, without an archive. */
  CompletableFuture<UpdateReport> control(
      Optional<Signer> by,
      String name,
      InstallOptions options,
      Function<ServiceRecord, Step> next) {
    return follow(
        by,
        name,
        options,
        (record, signer) -> {
          checkPower(signer, name);
          Step step = next.apply(record);
          return record.next(signer, step.edition(), step.plan(), clock.millis());
        });
  }

  private static void checkPower(Signer signer, String name) {
    if (!signer.chain().stream().allMatch(each -> each.gives(Certificate.Power.UPGRADE))) {
      throw new KitException(
          ErrorCode.UNAUTHORISED,
          "this service ticket does not give the right to upgrade "
              + name
              + ", which it takes to steer its roll-outs; ask the service's owner for one that"
              + " does");
    }
  }

  /** Ends all rights that the owner has handed on. */
  CompletableFuture<UpdateReport> revoke(Optional<Signer> by, String name, InstallOptions options) {
    return follow(
        by,
        name,
        options,
        (record, signer) -> record.revoking(ownerOnly(signer, "revokes"), clock.millis()));
  }

  private CompletableFuture<UpdateReport> follow(
      Optional<Signer> by,
      String name,
      InstallOptions options,
      BiFunction<ServiceRecord, Signer, ServiceRecord> next) {
    return known(by, name, options)
        .thenComposeAsync(
            known -> backend.submit(next.apply(known.record(), known.signer()), options.deadline()),
            executor);
  }

  /**
   * Where the service that a ticket is for is reached: at its name, or at its long name if another
   * owner has the name.
   *
   * @return fails with {@link ErrorCode#NO_SUCH_SERVICE}, with {@link ErrorCode#BAD_TICKET} if the
   *     name belongs to another owner, with {@link ErrorCode#UNAUTHORISED} if the ticket is revoked
   */
  public CompletableFuture<String> find(ServiceTicket ticket) {
    String longName = ticket.name() + "@" + OwnerKey.fingerprint(ticket.owner());
    return backend
        .current(ticket.name(), ticket.instance())
        .thenCompose(
            found ->
                found.filter(it -> it.owner().equals(ticket.owner())).isPresent()
                    ? CompletableFuture.completedFuture(checked(found.get(), ticket, ticket.name()))
                    : backend
                        .current(longName, ticket.instance())
                        .thenApply(
                            other ->
                                checked(
                                    other.orElseThrow(() -> missing(ticket, found.isPresent())),
                                    ticket,
                                    longName)));
  }

  private static KitException missing(ServiceTicket ticket, boolean taken) {
    return taken
        ? new KitException(
            ErrorCode.BAD_TICKET,
            "the service "
                + ticket.name()
                + " belongs to another owner than "
                + OwnerKey.fingerprint(ticket.owner())
                + ", who issued this ticket; ask the present owner for one")
        : new KitException(
            ErrorCode.NO_SUCH_SERVICE, "no service is installed under the name " + ticket.name());
  }

  private static String checked(ServiceRecord record, ServiceTicket ticket, String name) {
    if (record.withdrawn()) {
      throw new KitException(
          ErrorCode.NO_SUCH_SERVICE, "the service " + name + " was withdrawn by its owner");
    }
    if (record.generation() != ticket.generation()) {
      throw new KitException(
          ErrorCode.UNAUTHORISED,
          "the owner of "
              + name
              + " has revoked the service tickets of that time; ask for a new one");
    }
    return name;
  }

  /** A ticket that hands on rights to a service. */
  CompletableFuture<ServiceTicket> ticket(
      Optional<Signer> by,
      String name,
      InstallOptions options,
      Set<Certificate.Power> powers,
      Duration validity) {
    return known(by, name, options)
        .thenApplyAsync(
            known -> {
              OwnerKey owner = ownerOnly(known.signer(), "issues tickets; others narrow their own");
              ServiceRecord record = known.record();
              if (!record.owner().equals(owner.publicHex())) {
                throw new KitException(
                    ErrorCode.UNAUTHORISED,
                    "the service "
                        + name
                        + " belongs to owner "
                        + OwnerKey.fingerprint(record.owner())
                        + ", who alone issues tickets; sign with that key (--owner-key FILE)");
              }
              return ServiceTicket.issue(
                  owner,
                  record.name(),
                  record.instance(),
                  record.generation(),
                  powers,
                  clock.instant().plus(validity));
            },
            executor);
  }

  private static OwnerKey ownerOnly(Signer signer, String does) {
    if (!signer.isOwner()) {
      throw new KitException(ErrorCode.UNAUTHORISED, "only a service's owner " + does);
    }
    return signer.key();
  }

  private record Known(ServiceRecord record, Signer signer) {}

  private CompletableFuture<Known> known(Optional<Signer> by, String name, InstallOptions options) {
    return signer(by, options)
        .thenCombine(
            backend.current(name, options.instance()),
            (signer, current) ->
                new Known(
                    current
                        .filter(it -> !it.withdrawn())
                        .orElseThrow(
                            () ->
                                new KitException(
                                    ErrorCode.NO_SUCH_SERVICE,
                                    "no service is installed under the name " + name)),
                    signer));
  }

  private CompletableFuture<Signer> signer(Optional<Signer> by, InstallOptions options) {
    return by.map(CompletableFuture::completedFuture)
        .orElseGet(
            () ->
                CompletableFuture.supplyAsync(
                    () ->
                        Signer.owner(OwnerKey.loadOrCreate(options.ownerKey().or(() -> ownerKey))),
                    executor));
  }

  private CompletableFuture<UpdateReport> submit(
      ServiceRecord record, Archive archive, InstallOptions options) {
    return backend.submit(record, archive, options.deadline());
  }

  private ServiceRecord first(Signer signer, String name, Archive archive, InstallOptions options) {
    if (!signer.isOwner()) {
      throw new KitException(
          ErrorCode.NO_SUCH_SERVICE,
          "a ticket upgrades a service, and there is no service "
              + name
              + "; its owner installs it");
    }
    return ServiceRecord.first(
        signer.key(),
        name,
        options.instance(),
        edition(archive, options, false),
        plan(options, Optional.empty()),
        clock.millis());
  }

  private ServiceRecord next(
      ServiceRecord record,
      Signer signer,
      Archive archive,
      InstallOptions options,
      Optional<Edition> base) {
    return record.next(
        signer,
        edition(archive, options, record.edition().restricted()),
        plan(options, base),
        clock.millis());
  }

  private static Edition edition(Archive archive, InstallOptions options, boolean restrictedNow) {
    boolean restricted =
        switch (options.callers()) {
          case AS_BEFORE -> restrictedNow;
          case ANYBODY -> false;
          case TICKET_HOLDERS -> true;
        };
    return Edition.of(archive, options.upgradeable(), options.sharable()).restricted(restricted);
  }

  private static String suffix() {
    byte[] random = new byte[5];
    RANDOM.nextBytes(random);
    return HexFormat.of().formatHex(random);
  }
}
