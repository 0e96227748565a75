// An archive that a client sends, until it is complete and proved.
package dev.p2pkit.peer.gateway;

import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.client.session.SessionMessage.Chunk;
import dev.p2pkit.client.session.SessionMessage.Install;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
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

  /** Why an install cannot succeed, as far as its record tells before the archive is here. */
  static Optional<KitException> flaw(Install install) {
    ServiceRecord record;
    try {
      record = ServiceRecord.decode(install.signedRecord());
    } catch (WireException e) {
      Optional<String> other = ServiceRecord.otherFormat(install.signedRecord());
      if (other.isPresent()) {
        return Optional.of(
            new KitException(ErrorCode.VERSION_SKEW, "the client sent " + other.get()));
      }
      return flaw("the client sent no service record: " + e.getMessage());
    }
    if (!record.signatureValid()) {
      return flaw("the record of " + record + " is not signed by its owner");
    }
    if (!record.archive().equals(install.hash())
        || (install.size() != 0 && record.edition().size() != install.size())) {
      return Optional.of(
          new KitException(
              ErrorCode.BAD_ARCHIVE,
              "the record of " + record + " names another archive than the one announced"));
    }
    return Optional.empty();
  }

  private static Optional<KitException> flaw(String detail) {
    return Optional.of(new KitException(ErrorCode.BAD_SIGNATURE, detail));
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
