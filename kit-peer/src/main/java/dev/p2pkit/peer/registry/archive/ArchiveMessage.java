// What peers say to each other about archives.
package dev.p2pkit.peer.registry.archive;

import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.sdk.Key;

/** The frames of the archive transfer. */
public sealed interface ArchiveMessage extends WireMessage {
  /**
   * Asks for a chunk.
   *
   * @param id the answer carries it; never 0
   * @param hash the archive
   * @param index which chunk
   * @param grant what the asking peer was prepared with; {@link Key#ZERO} for none
   */
  record ChunkRequest(long id, String hash, int index, Key grant) implements ArchiveMessage {}

  /** A chunk. Immutable: nobody writes to the array. */
  @SuppressWarnings("ArrayRecordComponent") // Copied neither way: chunks are large and short-lived.
  record Chunk(long id, byte[] bytes) implements ArchiveMessage {}

  /** No chunk. */
  record ChunkRefused(long id, Reason reason) implements ArchiveMessage {}

  /** Why there is no chunk; the order is that of the numbers on the wire. */
  enum Reason {
    /** The archive is not here. */
    NOT_HERE,
    /** Too many are being served. */
    BUSY,
    /** The archive is not for the peer that asked. */
    NOT_ALLOWED
  }
}
