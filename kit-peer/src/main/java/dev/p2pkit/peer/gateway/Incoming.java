// An archive that a client sends, until it is complete and proved.
package dev.p2pkit.peer.gateway;

import dev.p2pkit.client.session.SessionMessage.Chunk;
import dev.p2pkit.client.session.SessionMessage.Install;
import dev.p2pkit.sdk.Archive;
import java.util.Optional;

/** Collects the chunks of one archive, in order. Not thread-safe. */
final class Incoming {
  private final Install install;
  private final long deadlineAt;
  private final byte[] content;
  private int received;

  /**
   * Room for an archive whose size was checked.
   *
   * @param deadlineAt when the install ends at the latest
   */
  Incoming(Install install, long deadlineAt) {
    this.install = install;
    this.deadlineAt = deadlineAt;
    this.content = new byte[install.size()];
  }

  /** Takes the next chunk; false if it is not the next one or too long. */
  boolean take(Chunk chunk) {
    if (chunk.offset() != received || chunk.content().length > content.length - received) {
      return false;
    }
    System.arraycopy(chunk.content(), 0, content, received, chunk.content().length);
    received += chunk.content().length;
    return true;
  }

  int received() {
    return received;
  }

  boolean complete() {
    return received == content.length;
  }

  /** The archive if its hash is what was announced. */
  Optional<Archive> archive() {
    Archive archive = Archive.of(content);
    return archive.hash().equals(install.hash()) ? Optional.of(archive) : Optional.empty();
  }

  Install install() {
    return install;
  }

  long deadlineAt() {
    return deadlineAt;
  }
}
