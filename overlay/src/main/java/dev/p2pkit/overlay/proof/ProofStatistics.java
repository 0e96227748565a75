// What was asked, proved and refused, counted.
package dev.p2pkit.overlay.proof;

/**
 * Counters of a {@link Proofs} machine.
 *
 * @param signed statements signed for others
 * @param accepted proofs of others that were right
 * @param refused proofs of others that were wrong
 * @param ignored questions that were not answered: too many, or no answer was possible in time
 * @param stray answers to no question of this peer
 */
public record ProofStatistics(long signed, long accepted, long refused, long ignored, long stray) {}
