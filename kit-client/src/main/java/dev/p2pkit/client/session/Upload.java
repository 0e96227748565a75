// The archive of an install on its way to the proxy peer, a few chunks at a time.
package dev.p2pkit.client.session;

import dev.p2pkit.client.session.SessionMessage.Chunk;
import java.util.Arrays;
import java.util.Optional;

/** Cuts an archive into chunks, never more than a window ahead of the peer. Not thread-safe. */
final class Upload {
  /** How far the chunks may run ahead of what the peer has, in bytes. */
  static final int WINDOW = 8 * Chunk.MAX_BYTES;

  private final long id;
  private final byte[] content;
  // Nothing leaves before the peer has said that it wants the archive.
  private boolean wanted;
  private int sent;
  private int received;

  Upload(long id, byte[] content) {
    this.id = id;
    this.content = content;
  }

  /** The peer has so much; what is less than before, or more than was sent, is a mistake. */
  boolean progress(int bytes) {
    // A peer that has the archive already says so at once.
    if (bytes < received || (bytes > sent && bytes != content.length)) {
      return false;
    }
    wanted = true;
    received = bytes;
    sent = Math.max(sent, bytes);
    return true;
  }

  /** The next chunk that may leave now. */
  Optional<Chunk> next() {
    if (!wanted || sent == content.length || sent - received >= WINDOW) {
      return Optional.empty();
    }
    int end = Math.min(content.length, sent + Chunk.MAX_BYTES);
    return Optional.of(new Chunk(id, sent, Arrays.copyOfRange(content, sent, end)));
  }

  /** The chunk that {@link #next} gave has left. */
  void sent(Chunk chunk) {
    sent = chunk.offset() + chunk.content().length;
  }
}
