// One step of a staged roll-out: which peers, and not before when.
package dev.p2pkit.client.record;

import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.sdk.PeerId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The peers that a step of a roll-out adds. A peer belongs to the first wave that takes it; the
 * last wave of a schedule takes all.
 *
 * @param share of 10,000: the peers whose {@link #place} for the archive is below it
 * @param label {@code key=value}: the peers that bear this label belong to the wave too; empty if
 *     none do
 * @param notBefore milliseconds since 1970, or {@link #WHEN_PROMOTED}
 */
public record Wave(int share, Optional<String> label, long notBefore) {
  /** The share that takes every peer. */
  public static final int ALL = 10_000;

  /** The time of a wave that opens only when the owner says so. */
  public static final long WHEN_PROMOTED = Long.MAX_VALUE;

  static final int MAX_LABEL = 129;
  private static final Pattern LABEL =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}=[A-Za-z0-9._-]{1,64}");

  /** Checks all bounds. */
  public Wave {
    if (share < 0 || share > ALL) {
      throw new IllegalArgumentException("a wave's share lies between 0 and 10,000");
    }
    if (label.isPresent() && !isLabel(label.get())) {
      throw new IllegalArgumentException(
          "a label is written key=value with up to 64 letters, digits, '.', '_' or '-' each");
    }
    if (share == 0 && label.isEmpty()) {
      throw new IllegalArgumentException("a wave takes a share of the peers or those with a label");
    }
    if (notBefore < 0) {
      throw new IllegalArgumentException("a wave's time is counted from 1970");
    }
  }

  /** Whether a text is a label, {@code key=value}. */
  public static boolean isLabel(String text) {
    return LABEL.matcher(text).matches();
  }

  /** Whether a peer with this place and these labels is taken. */
  boolean takes(int place, Map<String, String> labels) {
    return place < share
        || label
            .filter(
                wanted -> {
                  int mark = wanted.indexOf('=');
                  return wanted.substring(mark + 1).equals(labels.get(wanted.substring(0, mark)));
                })
            .isPresent();
  }

  /**
   * Where a peer stands in the order in which an archive reaches the peers, 0 to 9,999: the first 8
   * bytes of SHA-256 over the peer's id and the archive's hash, as an unsigned number, modulo
   * 10,000. Another archive has another order, so the same peers are not always the first.
   */
  public static int place(PeerId peer, String archive) {
    MessageDigest sha = Chunks.sha256();
    sha.update(peer.position().toBytes());
    sha.update(archive.getBytes(StandardCharsets.US_ASCII));
    return (int) Long.remainderUnsigned(ByteBuffer.wrap(sha.digest()).getLong(), ALL);
  }

  void encode(WireWriter out) {
    out.i32(share).text(label.orElse("")).i64(notBefore);
  }

  static Wave decode(WireReader in) {
    int share = in.i32();
    String label = in.text(MAX_LABEL);
    return new Wave(share, label.isEmpty() ? Optional.empty() : Optional.of(label), in.i64());
  }
}
