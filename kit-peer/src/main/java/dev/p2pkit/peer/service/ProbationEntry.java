// What the disk says of a version on probation: what it follows, and how often it has taken the
// process along.
package dev.p2pkit.peer.service;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The entry of one service.
 *
 * @param key the service
 * @param lineage as {@link Release#lineage}
 * @param on the version on probation
 * @param before the version that a revert brings back
 * @param hadState whether the version before had a state
 * @param state the state before the upgrade, where it is on the disk
 * @param deaths how many processes in a row have died while they ran code of the version
 * @param lost why the version is not to run here any more; empty while it may
 */
record ProbationEntry(
    ServiceKey key,
    String lineage,
    Edition on,
    Edition before,
    boolean hadState,
    Optional<Stored> state,
    int deaths,
    String lost) {
  /** The most bytes of an entry. */
  static final int MOST_BYTES = 65_536;

  private static final int FORMAT = 1;
  private static final int MOST_WHY = 1_000;
  private static final int DIGEST_BYTES = 32;

  /** A version by what names it. */
  record Edition(String archiveHash, String version, long epoch, int schema) {
    static Edition of(Version version) {
      return new Edition(
          version.release().archiveHash(),
          version.manifest().version(),
          version.release().epoch(),
          version.schema());
    }

    static Edition of(SavedState.Head head) {
      return new Edition(head.archiveHash(), head.version(), head.epoch(), head.schema());
    }
  }

  /** A state in a file of its own. */
  record Stored(String sha256, int bytes) {
    static Stored of(byte[] state) {
      return new Stored(
          HexFormat.of().formatHex(ProbationEntry.sha256(state, state.length)), state.length);
    }

    boolean is(byte[] state) {
      return equals(of(state));
    }
  }

  ProbationEntry {
    lost = lost.substring(0, Math.min(lost.length(), MOST_WHY));
  }

  /** Whether it is about this release. */
  boolean concerns(Release release) {
    return lineage.equals(release.lineage())
        && on.archiveHash().equalsIgnoreCase(release.archiveHash());
  }

  ProbationEntry at(ServiceKey other) {
    return new ProbationEntry(other, lineage, on, before, hadState, state, deaths, lost);
  }

  ProbationEntry deaths(int number) {
    return new ProbationEntry(key, lineage, on, before, hadState, state, number, lost);
  }

  ProbationEntry lost(String why) {
    return new ProbationEntry(key, lineage, on, before, hadState, state, deaths, why);
  }

  ProbationEntry withoutState() {
    return new ProbationEntry(key, lineage, on, before, hadState, Optional.empty(), deaths, lost);
  }

  byte[] encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(FORMAT);
      out.writeUTF(key.name());
      out.writeUTF(key.instance());
      out.writeUTF(lineage);
      write(out, on);
      write(out, before);
      out.writeBoolean(hadState);
      out.writeBoolean(state.isPresent());
      if (state.isPresent()) {
        out.writeUTF(state.get().sha256());
        out.writeInt(state.get().bytes());
      }
      out.writeInt(deaths);
      out.writeUTF(lost);
      out.write(sha256(bytes.toByteArray(), bytes.size()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void write(DataOutputStream out, Edition edition) throws IOException {
    out.writeUTF(edition.archiveHash());
    out.writeUTF(edition.version());
    out.writeLong(edition.epoch());
    out.writeInt(edition.schema());
  }

  /**
   * Reads what {@link #encode} has written.
   *
   * @throws IOException if it is not that
   */
  static ProbationEntry decode(byte[] bytes) throws IOException {
    int length = bytes.length - DIGEST_BYTES;
    if (length < 0
        || !Arrays.equals(sha256(bytes, length), Arrays.copyOfRange(bytes, length, bytes.length))) {
      throw new IOException("its checksum is wrong");
    }
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes, 0, length));
    if (in.readByte() != FORMAT) {
      throw new IOException("it has another format");
    }
    return new ProbationEntry(
        new ServiceKey(in.readUTF(), in.readUTF()),
        in.readUTF(),
        edition(in),
        edition(in),
        in.readBoolean(),
        in.readBoolean() ? Optional.of(new Stored(in.readUTF(), in.readInt())) : Optional.empty(),
        in.readInt(),
        in.readUTF());
  }

  private static Edition edition(DataInputStream in) throws IOException {
    return new Edition(in.readUTF(), in.readUTF(), in.readLong(), in.readInt());
  }

  private static byte[] sha256(byte[] bytes, int length) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(bytes, 0, length);
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
