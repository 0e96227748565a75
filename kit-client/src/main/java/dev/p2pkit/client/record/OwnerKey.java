// The key with which an owner signs services: a file that only its user can read.
package dev.p2pkit.client.record;

import dev.p2pkit.overlay.transport.Ed25519;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * An Ed25519 key pair that owns services. On disk it is a PKCS#8 PEM file of mode 600, as {@code
 * openssl genpkey -algorithm ed25519} writes it. Thread-safe.
 */
public final class OwnerKey {
  private static final int MAX_FILE_BYTES = 4096;
  private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
  private static final String END = "-----END PRIVATE KEY-----";
  private static final Set<PosixFilePermission> OTHERS =
      PosixFilePermissions.fromString("---rwxrwx");

  private static final Pattern FRESH = Pattern.compile("[a-z2-7]{52}(-.*)?");

  private final KeyPair keys;
  private final byte[] publicKey;
  private final byte[] seed;

  private OwnerKey(byte[] seed) {
    this.seed = seed.clone();
    this.keys = Ed25519.fromSeed(seed);
    this.publicKey = Ed25519.raw(keys.getPublic()).orElseThrow();
  }

  /** A new key that is stored nowhere. */
  public static OwnerKey generate() {
    return new OwnerKey(seedOf((EdECPrivateKey) Ed25519.generate().getPrivate()));
  }

  /**
   * The key with this seed, as it stands in a service ticket.
   *
   * @throws IllegalArgumentException if there are not 32 bytes
   */
  public static OwnerKey ofSeed(byte[] seed) {
    if (seed.length != Ed25519.KEY_BYTES) {
      throw new IllegalArgumentException("a key's seed has 32 bytes, not " + seed.length);
    }
    return new OwnerKey(seed);
  }

  /**
   * {@code p2pkit/owner.key} in the user's configuration directory: {@code XDG_CONFIG_HOME}, or
   * {@code .config} in the home directory.
   */
  public static Path defaultFile() {
    return defaultFile(System.getenv(), System.getProperty("user.home", "."));
  }

  static Path defaultFile(Map<String, String> environment, String home) {
    String configured = environment.getOrDefault("XDG_CONFIG_HOME", "");
    // The XDG specification has relative paths ignored.
    Path base =
        !configured.isEmpty() && Path.of(configured).isAbsolute()
            ? Path.of(configured)
            : Path.of(home, ".config");
    return base.resolve("p2pkit").resolve("owner.key");
  }

  /** The key in a file, or {@link #defaultFile} if none is named; it is made if it is missing. */
  public static OwnerKey loadOrCreate(Optional<Path> file) {
    return loadOrCreate(file.orElseGet(OwnerKey::defaultFile));
  }

  /**
   * The key in a file, which is made, with its directories, if it does not exist.
   *
   * @throws KitException with {@link ErrorCode#UNAUTHORISED} if the file cannot be read or written,
   *     holds no key, or can be read by other users
   */
  public static OwnerKey loadOrCreate(Path file) {
    try {
      if (!Files.exists(file)) {
        create(file);
      }
      return read(file);
    } catch (IOException e) {
      throw new KitException(
          ErrorCode.UNAUTHORISED,
          "cannot read or make the owner key "
              + file
              + " ("
              + e.getClass().getSimpleName()
              + "); check the permissions of its directory or name another file with --owner-key",
          e);
    }
  }

  private static void create(Path file) throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    if (directory != null) {
      Files.createDirectories(directory);
    }
    Path fresh =
        file.resolveSibling(file.getFileName() + "." + Long.toHexString(System.nanoTime()));
    try {
      if (posix()) {
        Files.createFile(
            fresh,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      } else {
        Files.createFile(fresh);
      }
      Files.writeString(fresh, generate().pem(), StandardOpenOption.WRITE);
      publish(fresh, file);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  /** Of two processes that make the key at once, one wins and both then read the same. */
  private static void publish(Path fresh, Path file) throws IOException {
    try {
      Files.createLink(file, fresh);
    } catch (FileAlreadyExistsException e) {
      return;
    } catch (UnsupportedOperationException e) {
      Files.move(fresh, file);
    }
  }

  private static OwnerKey read(Path file) throws IOException {
    if (posix() && Files.getPosixFilePermissions(file).stream().anyMatch(OTHERS::contains)) {
      throw new KitException(
          ErrorCode.UNAUTHORISED,
          "the owner key "
              + file
              + " can be used by other users of this machine; protect it with: chmod 600 "
              + file);
    }
    if (Files.size(file) > MAX_FILE_BYTES) {
      throw unusable(file);
    }
    String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    int begin = text.indexOf(BEGIN);
    int end = text.indexOf(END);
    if (begin < 0 || end < begin) {
      throw unusable(file);
    }
    try {
      byte[] der = Base64.getMimeDecoder().decode(text.substring(begin + BEGIN.length(), end));
      if (KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(der))
          instanceof EdECPrivateKey key) {
        return new OwnerKey(seedOf(key));
      }
      throw unusable(file);
    } catch (IllegalArgumentException | GeneralSecurityException e) {
      throw unusable(file);
    }
  }

  private static KitException unusable(Path file) {
    return new KitException(
        ErrorCode.UNAUTHORISED,
        file
            + " holds no Ed25519 key in PEM form; move it away to have a new one made, or name"
            + " another file with --owner-key");
  }

  private static boolean posix() {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
  }

  private static byte[] seedOf(EdECPrivateKey key) {
    return key.getBytes()
        .orElseThrow(() -> new IllegalStateException("the key does not give out its bytes"));
  }

  private String pem() {
    return BEGIN
        + "\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'})
            .encodeToString(keys.getPrivate().getEncoded())
        + "\n"
        + END
        + "\n";
  }

  /** Who holds these 32 bytes owns the services: for a service ticket that may upgrade. */
  public byte[] seed() {
    return seed.clone();
  }

  /** The 32 bytes of the public key. */
  public byte[] publicKey() {
    return publicKey.clone();
  }

  /** The public key, 64 hexadecimal digits: what trust lists hold. */
  public String publicHex() {
    return HexFormat.of().formatHex(publicKey);
  }

  /** The first 16 hexadecimal digits of the SHA-256 of the public key. */
  public String fingerprint() {
    return fingerprint(publicHex());
  }

  /**
   * The name of a service that only this key can install: base32 of the SHA-256 of the public key,
   * 52 characters.
   */
  public String freshName() {
    return freshName(publicHex());
  }

  /** Whether a name is made from some key: a {@link #freshName()}, or one with a suffix. */
  public static boolean isFresh(String name) {
    return FRESH.matcher(name).matches();
  }

  /** {@link #fingerprint()} of a public key in hexadecimal digits. */
  public static String fingerprint(String publicHex) {
    return HexFormat.of().formatHex(digest(publicHex), 0, 8);
  }

  /** {@link #freshName()} of a public key in hexadecimal digits. */
  public static String freshName(String publicHex) {
    return Base32.encode(digest(publicHex));
  }

  private static byte[] digest(String publicHex) {
    return Chunks.sha256().digest(HexFormat.of().parseHex(publicHex));
  }

  /** Signs; 64 bytes. */
  public byte[] sign(byte[] data) {
    return Ed25519.sign(keys.getPrivate(), data);
  }

  @Override
  public String toString() {
    return "owner " + fingerprint();
  }
}
