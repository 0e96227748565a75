// A key pair in a file of its own, readable by its owner alone.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * The file format of a key pair: a magic of 8 bytes, the 32-byte seed of the private key, the
 * 32-byte public key; 72 bytes in all.
 */
final class KeyFile {
  private static final int MAGIC_BYTES = 8;
  private static final int BYTES = MAGIC_BYTES + 2 * Ed25519.KEY_BYTES;

  private KeyFile() {}

  /** Reads the pair, or makes one and writes it if there is no such file. */
  static KeyPair loadOrCreate(Path file, byte[] magic, String what, Supplier<KeyPair> make) {
    try {
      return decode(file, Files.readAllBytes(file), magic, what);
    } catch (NoSuchFileException e) {
      return create(file, magic, what, make.get());
    } catch (IOException e) {
      throw unreadable(file, what, e);
    }
  }

  /** Reads the pair. */
  static KeyPair load(Path file, byte[] magic, String what) {
    try {
      return decode(file, Files.readAllBytes(file), magic, what);
    } catch (IOException e) {
      throw unreadable(file, what, e);
    }
  }

  /** Makes a pair and writes it to a file that must not exist yet. */
  static KeyPair create(Path file, byte[] magic, String what) {
    return create(file, magic, what, Ed25519.generate());
  }

  private static KeyPair create(Path file, byte[] magic, String what, KeyPair pair) {
    byte[] bytes = Arrays.copyOf(magic, BYTES);
    System.arraycopy(Ed25519.seed(pair.getPrivate()), 0, bytes, MAGIC_BYTES, Ed25519.KEY_BYTES);
    System.arraycopy(
        Ed25519.raw(pair.getPublic()).orElseThrow(),
        0,
        bytes,
        MAGIC_BYTES + Ed25519.KEY_BYTES,
        Ed25519.KEY_BYTES);
    try {
      writePrivate(file, bytes);
    } catch (FileAlreadyExistsException e) {
      throw new KitException(
          ErrorCode.ADDRESS_IN_USE, "the file " + file + " exists already; name another one", e);
    } catch (IOException e) {
      throw new KitException(
          ErrorCode.UNAUTHORISED,
          "cannot write the " + what + " to " + file + " (" + e + "); make its folder writable",
          e);
    }
    return pair;
  }

  private static KeyPair decode(Path file, byte[] bytes, byte[] magic, String what) {
    if (bytes.length != BYTES || !Arrays.equals(bytes, 0, MAGIC_BYTES, magic, 0, MAGIC_BYTES)) {
      throw damaged(file, what, "it is not in the format of this version");
    }
    byte[] seed = Arrays.copyOfRange(bytes, MAGIC_BYTES, MAGIC_BYTES + Ed25519.KEY_BYTES);
    byte[] raw = Arrays.copyOfRange(bytes, MAGIC_BYTES + Ed25519.KEY_BYTES, BYTES);
    KeyPair pair;
    try {
      pair = new KeyPair(Ed25519.publicKey(raw), Ed25519.privateKey(seed));
    } catch (java.security.GeneralSecurityException e) {
      throw damaged(file, what, "its public key is not a key");
    }
    byte[] probe = magic.clone();
    if (!Ed25519.verify(raw, probe, Ed25519.sign(pair.getPrivate(), probe))) {
      throw damaged(file, what, "its two halves do not belong together");
    }
    return pair;
  }

  private static KitException damaged(Path file, String what, String how) {
    return new KitException(
        ErrorCode.UNAUTHORISED,
        "the "
            + what
            + " in "
            + file
            + " cannot be used: "
            + how
            + "; restore it from a backup, or remove it to get a new one");
  }

  private static KitException unreadable(Path file, String what, IOException e) {
    return new KitException(
        ErrorCode.UNAUTHORISED,
        "cannot read the " + what + " from " + file + " (" + e + "); make it readable",
        e);
  }

  /**
   * Writes all or nothing, readable by the owner alone: a file beside it first, then moved into
   * place.
   *
   * @throws FileAlreadyExistsException if the file exists
   */
  private static void writePrivate(Path file, byte[] bytes) throws IOException {
    Path target = file.toAbsolutePath();
    if (Files.exists(target)) {
      throw new FileAlreadyExistsException(target.toString());
    }
    Path folder = target.getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    Path draft = target.resolveSibling(target.getFileName() + ".new");
    Files.deleteIfExists(draft);
    Files.createFile(draft, DurableFiles.ownerOnly());
    Files.write(draft, bytes);
    DurableFiles.OF_HOST.settle(draft, target);
  }
}
