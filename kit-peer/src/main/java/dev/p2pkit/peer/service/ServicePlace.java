// What a service may know of its peer, and its own directory there.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.PeerContext;
import dev.p2pkit.sdk.PeerId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The peer as a service sees it. */
record ServicePlace(
    PeerId peerId,
    Map<String, String> labels,
    ServiceKey key,
    long epoch,
    Path root,
    Logger logger,
    ServiceExecutor executor)
    implements PeerContext {
  /** Names of files have at most 255 bytes everywhere; the rest is for a digest. */
  private static final int MAX_NAME = 120;

  static ServicePlace of(PeerId peerId, Map<String, String> labels, Release release, Path root) {
    return new ServicePlace(
        peerId,
        labels,
        release.key(),
        release.epoch(),
        root,
        LoggerFactory.getLogger("p2pkit.service." + release.key().name()),
        new ServiceExecutor(release.key()));
  }

  @Override
  public String service() {
    return key.name();
  }

  @Override
  public String instance() {
    return key.instance();
  }

  @Override
  public Path directory() {
    try {
      return Files.createDirectories(
          root.resolve(fileName(key.name())).resolve(fileName(key.instance())));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make the directory of " + key, e);
    }
  }

  /**
   * A file name for any text: small letters, digits, '_' and '-' as they are, '.' but not in front,
   * everything else as %XX of its UTF-8, so that two names never meet, whatever the file system
   * makes of capitals.
   */
  static String fileName(String text) {
    StringBuilder name = new StringBuilder();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      boolean plain =
          (c >= 'a' && c <= 'z')
              || (c >= '0' && c <= '9')
              || c == '_'
              || c == '-'
              || (c == '.' && !name.isEmpty());
      if (plain) {
        name.append(c);
      } else {
        name.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
      }
    }
    if (name.length() <= MAX_NAME) {
      return name.toString();
    }
    return name.substring(0, MAX_NAME) + "%" + digest(text);
  }

  private static String digest(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
