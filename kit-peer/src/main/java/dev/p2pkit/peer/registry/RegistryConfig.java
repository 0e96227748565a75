// The registry's numbers.
package dev.p2pkit.peer.registry;

import java.util.concurrent.TimeUnit;

/**
 * Settings of a {@link Registry}; times in microseconds.
 *
 * @param digestInterval between two comparisons with a neighbour; each is drawn from half of it
 *     around it
 * @param answerTime how long to wait for a peer that must answer at once
 * @param prepareTime how long a peer may take to fetch and try an archive before it counts as
 *     missing
 * @param catchUpTime how long a joiner holds back for archives that it cannot get
 * @param maxSkew how far ahead a record's clock may be
 * @param parallelPrepares how many peers an installing peer asks at once
 * @param maxServices how many chains of records of trusted owners are kept
 * @param maxForeign how many of others
 * @param memoryOfEnds how long the end of a service is remembered; a peer that was away for longer
 *     takes its neighbours' records in place of its own
 * @param keepArchives how many archives of a service are kept, the one in force included: what an
 *     owner can roll back to; 2 to 16. Those in use are kept in any case
 */
public record RegistryConfig(
    long digestInterval,
    long answerTime,
    long prepareTime,
    long catchUpTime,
    long maxSkew,
    int parallelPrepares,
    int maxServices,
    int maxForeign,
    long memoryOfEnds,
    int keepArchives) {
  /** The fewest archives of a service that are kept: the one in force and the one before. */
  public static final int FEWEST_ARCHIVES = 2;

  /** The most archives of a service that are kept: as many as records of it. */
  public static final int MOST_ARCHIVES = Chronicle.MOST;

  /** 2 s, 3 s, 20 s, 10 s, 60 s, 32 peers, 10,000 and 256 services, 30 days, 16 archives. */
  public static final RegistryConfig DEFAULT =
      new RegistryConfig(
          TimeUnit.SECONDS.toMicros(2),
          TimeUnit.SECONDS.toMicros(3),
          TimeUnit.SECONDS.toMicros(20),
          TimeUnit.SECONDS.toMicros(10),
          TimeUnit.SECONDS.toMicros(60),
          32,
          10_000,
          256,
          TimeUnit.DAYS.toMicros(30),
          MOST_ARCHIVES);

  /** Checks the number of archives. */
  public RegistryConfig {
    if (keepArchives < FEWEST_ARCHIVES || keepArchives > MOST_ARCHIVES) {
      throw new IllegalArgumentException(
          "of a service "
              + FEWEST_ARCHIVES
              + " to "
              + MOST_ARCHIVES
              + " archives are kept, not "
              + keepArchives);
    }
  }

  /** The same with another number of archives kept. */
  public RegistryConfig keepArchives(int number) {
    return new RegistryConfig(
        digestInterval,
        answerTime,
        prepareTime,
        catchUpTime,
        maxSkew,
        parallelPrepares,
        maxServices,
        maxForeign,
        memoryOfEnds,
        number);
  }
}
