// What a service has done and used up on a peer.
package dev.p2pkit.sdk;

/**
 * Figures of one service on one peer. Turns are those of the version that runs; what was used up
 * counts from when the service began on this peer.
 *
 * @param name its name, or {@code name@fingerprint} where another owner has the name
 * @param instance which instance
 * @param version the version that runs
 * @param turns how many have ended
 * @param failed how many of them crashed or took too long
 * @param meanMicros how long a turn took on average, in microseconds
 * @param p99Micros what 99 of 100 turns did not exceed, in microseconds, a quarter too high at most
 * @param cpuMicros processor time of its turns, in microseconds; not that of stages and executors,
 *     nor of turns on virtual threads
 * @param allocatedBytes what its turns have allocated; with the same exceptions
 * @param sent sends, calls and broadcasts of its turns
 * @param mailboxMessages how many messages wait, those that are set aside or due later included
 * @param mailboxBytes how many bytes these have
 * @param stateBytes its encoded state when it was measured last
 * @param deadLetters how many of its messages were set aside
 * @param slowed how often its turns had to wait because it had used up its quota
 * @param liveLoaders class loaders of its versions that the collector has not taken, that of the
 *     version that runs included: 1, and for a while more after an upgrade
 * @param leakedLoaders how many of these were closed more than a minute ago
 */
public record ServiceFigures(
    String name,
    String instance,
    String version,
    long turns,
    long failed,
    long meanMicros,
    long p99Micros,
    long cpuMicros,
    long allocatedBytes,
    long sent,
    int mailboxMessages,
    long mailboxBytes,
    long stateBytes,
    long deadLetters,
    long slowed,
    int liveLoaders,
    int leakedLoaders) {}
