// A dead letter as it lies on the disk.
package dev.p2pkit.peer.service;

import dev.p2pkit.peer.store.StoreException;
import dev.p2pkit.sdk.ErrorCode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Optional;

/** Writes and reads dead letters; the message is in the form of {@link StoredLetter}. */
final class StoredDeadLetter {
  private static final int FORMAT = 2;

  /** Does not say of which lineage its service is. */
  private static final int FORMER_FORMAT = 1;

  private StoredDeadLetter() {}

  static byte[] encode(DeadLetter letter) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(FORMAT);
      out.writeUTF(letter.service().name());
      out.writeUTF(letter.service().instance());
      out.writeUTF(letter.lineage());
      out.writeLong(letter.epoch());
      out.writeUTF(letter.version());
      out.writeUTF(letter.code().name());
      out.writeUTF(letter.reason());
      out.writeLong(letter.at().toEpochMilli());
      out.write(new StoredLetter(letter.message(), Optional.empty()).encode());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /**
   * Reads one.
   *
   * @throws StoreException DAMAGED if it is none
   */
  static DeadLetter decode(long number, byte[] encoded) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(encoded))) {
      int format = in.readByte();
      if (format != FORMAT && format != FORMER_FORMAT) {
        throw new IOException("format " + format);
      }
      ServiceKey service = new ServiceKey(in.readUTF(), in.readUTF());
      String lineage = format == FORMER_FORMAT ? "" : in.readUTF();
      long epoch = in.readLong();
      String version = in.readUTF();
      ErrorCode code = ErrorCode.valueOf(in.readUTF());
      String reason = in.readUTF();
      Instant at = Instant.ofEpochMilli(in.readLong());
      return new DeadLetter(
          number,
          service,
          lineage,
          epoch,
          version,
          code,
          StoredLetter.decode(in.readAllBytes()).message(),
          reason,
          at);
    } catch (IOException | RuntimeException e) {
      throw new StoreException(
          StoreException.Kind.DAMAGED, "a dead letter cannot be read: " + e, e);
    }
  }
}
