// The limits and times of the service runtime, with their defaults.
package dev.p2pkit.peer.service;

import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;

/**
 * How services are run. Begin with {@link #DEFAULT} and change what is needed.
 *
 * @param workers threads for turns, at least 1; by default twice the processors, 4 to 64
 * @param batch turns a processor may run before it lets others go first, 1 to 10,000
 * @param probation how long after an upgrade a crash loop brings the previous version back, in time
 *     in which this peer runs; also with the state before the upgrade if there is no other way
 * @param longestProbation how long that lasts at most where other peers have still to get the
 *     version; the state before the upgrade is not taken any more after {@code probation}
 * @param makeLimit how long loading, {@code make()} and the carrying over of state may take
 * @param restarts what follows the crashes of a processor
 * @param deadLetters how many dead letters are kept, of 8 MiB together; others are forgotten and
 *     counted, see {@link LetterShares}
 * @param leakWarning how long after it was closed a class loader that is still there is reported
 * @param quotas what the operator limits services to, by their names, {@code *} for all
 */
public record RuntimeConfig(
    int workers,
    int batch,
    Duration probation,
    Duration longestProbation,
    Duration makeLimit,
    RestartPolicy restarts,
    int deadLetters,
    Duration leakWarning,
    Map<String, Quota> quotas) {
  /** The defaults: see the components. */
  public static final RuntimeConfig DEFAULT =
      new RuntimeConfig(
          Math.max(4, Math.min(64, 2 * Runtime.getRuntime().availableProcessors())),
          64,
          Duration.ofMinutes(10),
          Duration.ofDays(7),
          Duration.ofSeconds(30),
          RestartPolicy.DEFAULT,
          1_024,
          Duration.ofMinutes(1),
          Map.of());

  public RuntimeConfig {
    quotas = Map.copyOf(quotas);
    if (workers < 1 || batch < 1 || deadLetters < 0) {
      throw new IllegalArgumentException(
          "workers and batch are at least 1, deadLetters at least 0");
    }
  }

  /** The components, while one of them is being changed. */
  private static final class Draft {
    int workers;
    Duration probation;
    Duration longestProbation;
    Duration makeLimit;
    RestartPolicy restarts;
    Duration leakWarning;
    Map<String, Quota> quotas;

    Draft(RuntimeConfig from) {
      workers = from.workers;
      probation = from.probation;
      longestProbation = from.longestProbation;
      makeLimit = from.makeLimit;
      restarts = from.restarts;
      leakWarning = from.leakWarning;
      quotas = from.quotas;
    }
  }

  private RuntimeConfig with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return new RuntimeConfig(
        draft.workers,
        batch,
        draft.probation,
        draft.longestProbation,
        draft.makeLimit,
        draft.restarts,
        deadLetters,
        draft.leakWarning,
        draft.quotas);
  }

  /** The same with another number of threads. */
  public RuntimeConfig workers(int number) {
    return with(draft -> draft.workers = number);
  }

  /** The same with another time limit for loading, making and carrying over state. */
  public RuntimeConfig makeLimit(Duration limit) {
    return with(draft -> draft.makeLimit = limit);
  }

  /** The same with other pauses after crashes, and another time until a stopped one is tried. */
  public RuntimeConfig backOff(Duration first, Duration longest, Duration halfOpen) {
    return with(
        draft ->
            draft.restarts =
                new RestartPolicy(
                    first, longest, restarts.crashes(), restarts.crashWindow(), halfOpen));
  }

  /** The same with another probation. */
  public RuntimeConfig probation(Duration time) {
    return with(draft -> draft.probation = time);
  }

  /** The same with another limit for probations that roll-outs prolong. */
  public RuntimeConfig longestProbation(Duration time) {
    return with(draft -> draft.longestProbation = time);
  }

  /** The same with another time after which a class loader that is still there is a leak. */
  public RuntimeConfig leakWarning(Duration time) {
    return with(draft -> draft.leakWarning = time);
  }

  /** The same with other limits for services, by their names, {@code *} for all. */
  public RuntimeConfig quotas(Map<String, Quota> limits) {
    return with(draft -> draft.quotas = limits);
  }

  /** What a service is limited to that asks for this itself. */
  Quota quotaOf(ServiceKey key, Quota own) {
    return own.and(quotas.getOrDefault("*", Quota.NONE))
        .and(quotas.getOrDefault(key.name(), Quota.NONE));
  }
}
