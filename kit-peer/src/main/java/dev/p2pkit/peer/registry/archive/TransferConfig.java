// The archive transfer's numbers.
package dev.p2pkit.peer.registry.archive;

import java.util.concurrent.TimeUnit;

/**
 * Settings of an {@link ArchiveTransfer}; times in microseconds.
 *
 * @param window chunks asked for or being written at once, per archive; each is 60 KiB of memory
 * @param perHolder chunks asked of one peer at once
 * @param answerTime how long a peer may take for a chunk
 * @param pause how long a peer is left alone after it failed; doubled each time
 * @param jitterPerPeer the start of a fetch is put off by up to this, times the peers of the ring
 * @param maxJitter but never by more
 * @param serving chunks being read for others at once
 */
public record TransferConfig(
    int window,
    int perHolder,
    long answerTime,
    long pause,
    long jitterPerPeer,
    long maxJitter,
    int serving) {
  /** 8 and 4 chunks, 5 s, 0.5 s, 1 ms per peer up to 1 s, 64 chunks. */
  public static final TransferConfig DEFAULT =
      new TransferConfig(
          8,
          4,
          TimeUnit.SECONDS.toMicros(5),
          TimeUnit.MILLISECONDS.toMicros(500),
          TimeUnit.MILLISECONDS.toMicros(1),
          TimeUnit.SECONDS.toMicros(1),
          64);
}
