// Plays many random scenarios, on all processors.
package dev.p2pkit.overlay.simulator.scenario;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;
import java.util.function.LongFunction;

/** Plays many random scenarios, on all processors, and sums up. */
public final class RandomRuns {
  /** Failed runs that are kept. */
  private static final int MOST_FAILED = 100;

  /**
   * What came of many runs.
   *
   * @param runs how many
   * @param overlaps two owners of a key by their leases, among peers that could reach each other;
   *     leases are looked at in every run, whatever the mode of its messages
   * @param overlapsAcrossCuts the same across a partition or shortly after it
   * @param overlapsAfterCuts those of these that began after the partition
   * @param overlapsAvailable two servers of a key by {@code AVAILABLE}, among peers that could
   *     reach each other: allowed for a moment
   * @param falseOutcomes messages of which something untrue was said
   * @param sends messages
   * @param events steps of all simulations
   * @param failed how many runs broke a promise
   * @param examples the reports of the first of these, by seed
   */
  public record Sum(
      int runs,
      long overlaps,
      long overlapsAcrossCuts,
      long overlapsAfterCuts,
      long overlapsAvailable,
      long falseOutcomes,
      long sends,
      long events,
      int failed,
      List<Report> examples) {}

  private RandomRuns() {}

  /**
   * Plays the scenarios of these numbers.
   *
   * @param first the first number
   * @param count how many
   * @param threads how many at once
   * @param done is told how many are over, by any thread
   * @throws IllegalStateException if one of them could not be played to a report; names its seed
   */
  public static Sum play(long first, int count, int threads, IntConsumer done)
      throws InterruptedException {
    return play(RandomScenarios::of, first, count, threads, done);
  }

  /**
   * As {@link #play(long, int, int, IntConsumer)}, of other scenarios.
   *
   * @param scenarios makes one of a number; called by any thread
   */
  public static Sum play(
      LongFunction<Scenario> scenarios, long first, int count, int threads, IntConsumer done)
      throws InterruptedException {
    AtomicInteger next = new AtomicInteger();
    AtomicInteger over = new AtomicInteger();
    AtomicInteger failed = new AtomicInteger();
    AtomicLong[] sums = new AtomicLong[7];
    for (int i = 0; i < sums.length; i++) {
      sums[i] = new AtomicLong();
    }
    List<Report> examples = Collections.synchronizedList(new ArrayList<>());
    ExecutorService pool =
        Executors.newFixedThreadPool(
            threads,
            task -> {
              Thread thread = new Thread(task, "simulation");
              thread.setDaemon(true);
              return thread;
            });
    try {
      List<Future<?>> workers = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        workers.add(
            pool.submit(
                () -> {
                  for (int run = next.getAndIncrement();
                      run < count;
                      run = next.getAndIncrement()) {
                    Report report = play(scenarios, first + run);
                    sums[0].addAndGet((long) report.figure("ownerOverlaps"));
                    sums[1].addAndGet((long) report.figure("ownerOverlapsAcrossCuts"));
                    sums[2].addAndGet((long) report.figure("ownerOverlapsAfterCuts"));
                    sums[3].addAndGet((long) report.figure("ownerOverlapsAvailable"));
                    sums[4].addAndGet((long) report.figure("falseOutcomes"));
                    sums[5].addAndGet((long) report.figure("sends"));
                    sums[6].addAndGet((long) report.figure("events"));
                    if (!report.kept()) {
                      failed.incrementAndGet();
                      if (examples.size() < MOST_FAILED) {
                        examples.add(report);
                      }
                    }
                    done.accept(over.incrementAndGet());
                  }
                }));
      }
      for (Future<?> worker : workers) {
        worker.get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException(Objects.requireNonNullElse(e.getCause(), e).getMessage(), e);
    } finally {
      pool.shutdownNow();
    }
    List<Report> sorted = new ArrayList<>(examples);
    sorted.sort(Comparator.comparingLong(Report::seed));
    return new Sum(
        count,
        sums[0].get(),
        sums[1].get(),
        sums[2].get(),
        sums[3].get(),
        sums[4].get(),
        sums[5].get(),
        sums[6].get(),
        failed.get(),
        List.copyOf(sorted));
  }

  private static Report play(LongFunction<Scenario> scenarios, long seed) {
    Scenario scenario;
    try {
      scenario = scenarios.apply(seed);
    } catch (RuntimeException | Error e) {
      throw ScenarioRun.unplayed("random", seed, e);
    }
    return ScenarioRun.play(scenario, seed, RunOptions.PLAIN.withTrace(false));
  }
}
