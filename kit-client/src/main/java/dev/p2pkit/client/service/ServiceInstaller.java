// Turns an archive and options into a signed record and has it rolled out.
package dev.p2pkit.client.service;

import dev.p2pkit.client.record.Edition;
import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.UpdateReport;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

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
              return submit(
                  current
                      .map(record -> record.next(owner, edition(archive, options), clock.millis()))
                      .orElseGet(() -> first(owner, name, archive, options)),
                  archive,
                  options);
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
        owner, name, options.instance(), edition(archive, options), clock.millis());
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
