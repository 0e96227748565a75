// How a release is made ready, and how a service begins where nothing of it runs.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.NetworkEvent.ServiceInstalled;
import dev.p2pkit.sdk.ServiceStatus.Phase;
import java.nio.file.Files;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Prepares and begins what the registry asks for, or what was there before it: a version that is on
 * probation and has ended its process again and again is not loaded any more. Blocks, and runs code
 * of services, except for {@link #processor}. Thread-safe.
 */
final class Beginnings {
  private final Surroundings surroundings;
  private final Probations probations;

  Beginnings(Surroundings surroundings) {
    this.surroundings = surroundings;
    this.probations = surroundings.probations();
  }

  /**
   * A version with its state, ready for a processor.
   *
   * @param instead what it goes on with, if it is not the version that was asked for
   */
  record Start(Persistence.Begun begun, Optional<WayBack.Ready> instead) {
    void close() {
      begun.durable().ifPresent(DurableState::close);
    }
  }

  /**
   * Loads a release and tries it on a copy of the present state: of what runs, or of what the disk
   * has.
   */
  Prepared prepare(Release release, Optional<Processor> running) {
    if (running.isPresent()) {
      Processor present = running.get();
      return tried(
          surroundings.load().apply(release),
          version -> {
            Migration.tryOut(
                present.version(), present.state(), version, present.upgrades().snapshot());
            return Prepared.next(version);
          });
    }
    Optional<Probation> on = probations.of(release).or(() -> followed(release));
    if (on.isPresent() && !on.get().entry().lost().isEmpty()) {
      return prepareBefore(on.get(), release);
    }
    return loading(
        on,
        () ->
            tried(
                surroundings.load().apply(release),
                version -> {
                  Prepared prepared = Prepared.first(version, version.initialState());
                  Persistence.tryOut(surroundings, version);
                  return prepared;
                }));
  }

  /** Closes the version if the trial fails. */
  private static Prepared tried(Version version, Function<Version, Prepared> trial) {
    boolean complete = false;
    try {
      Prepared prepared = trial.apply(version);
      complete = true;
      return prepared;
    } finally {
      if (!complete) {
        version.close();
      }
    }
  }

  /**
   * Upgraded while this peer was away: the version that the durable state is of may come back. The
   * probation begins before the new one is loaded, so that it counts if that ends the process.
   */
  private Optional<Probation> followed(Release release) {
    return surroundings
        .files()
        .peek(release.key())
        .filter(
            saved -> {
              SavedState.Head head = saved.head();
              return head.lineage().equals(release.lineage())
                  && head.epoch() < release.epoch()
                  && !head.archiveHash().equalsIgnoreCase(release.archiveHash())
                  && Files.isRegularFile(
                      release.sibling(head.epoch(), head.archiveHash()).archiveFile());
            })
        .map(saved -> probations.begin(release, saved));
  }

  private Prepared prepareBefore(Probation lost, Release asked) {
    ProbationEntry.Edition before = lost.entry().before();
    return tried(
        surroundings.load().apply(asked.sibling(before.epoch(), before.archiveHash())),
        version -> {
          WayBack.tryOut(surroundings, lost, asked, version);
          return Prepared.instead(version, new Prepared.Instead(lost, asked));
        });
  }

  /** What ends the process during this is the version's doing. */
  private static <T> T loading(Optional<Probation> on, Supplier<T> work) {
    on.ifPresent(it -> it.signs().doing(LifeSigns.Doing.LOADING));
    try {
      return work.get();
    } finally {
      on.ifPresent(it -> it.signs().doing(LifeSigns.Doing.ENDED));
    }
  }

  /** Reads the state with which a prepared version begins. */
  Start begin(Prepared prepared, Version version) {
    if (prepared.insteadOf().isPresent()) {
      Prepared.Instead instead = prepared.insteadOf().get();
      WayBack.Start start =
          WayBack.begin(surroundings, instead.probation(), instead.asked(), version);
      return new Start(start.begun(), Optional.of(start.ready()));
    }
    return loading(
        probations.of(version.release()),
        () ->
            new Start(
                Persistence.begin(surroundings, version, prepared.initialState()),
                Optional.empty()));
  }

  /** The processor of a version that has begun. */
  Processor processor(Prepared prepared, Version version, Start start) {
    Processor processor = new Processor(surroundings, version, start.begun(), 0);
    Release release = version.release();
    if (prepared.insteadOf().isPresent() && start.instead().isPresent()) {
      Prepared.Instead instead = prepared.insteadOf().get();
      processor
          .upgrades()
          .beganInstead(instead.probation(), instead.asked(), start.instead().get());
      return processor;
    }
    surroundings
        .changer()
        .execute(
            () ->
                probations
                    .of(release)
                    .ifPresentOrElse(probations::settle, () -> probations.endOthers(release)));
    ServiceKey key = release.key();
    String trouble = probations.trouble(key);
    if (!trouble.isEmpty()) {
      processor.enter(Phase.ACTIVE, 0, trouble);
    }
    surroundings.event(new ServiceInstalled(key.name(), key.instance(), release.epoch()));
    return processor;
  }
}
