// What a broadcast brings to everybody: the same bytes for all, signed by the peer that began it.
package dev.p2pkit.overlay.broadcast;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireWriter;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * What a broadcast brings to everybody. A long payload travels as several consecutive broadcasts,
 * its parts. Immutable: all tasks and memories of a process share one.
 *
 * <p>Topic 0, news of the ring itself, is <em>plain</em>: not kept in order and not repaired,
 * because these news refute each other and tables are compared. Its numbers are negative, so that
 * they leave no gaps among the others.
 */
public final class Content {
  private static final byte[] DOMAIN = "P2PKit broadcast 1\0".getBytes(StandardCharsets.US_ASCII);

  /** What a task takes beside the payload: its origin, numbers, interval and signature. */
  private static final int TASK_BYTES = 192;

  final PeerRef origin;
  final BroadcastId id;
  final long lowest;
  final long earlier;
  final int topic;
  final int part;
  final int parts;
  final byte[] payload;
  final byte[] seal;

  /**
   * A content; nothing is copied.
   *
   * @param origin the peer that began the broadcast
   * @param sequence its number for it; each process begins behind {@link #base}
   * @param lowest the origin's lowest number that could still come when this one began: its report
   *     was not made, or its neighbours keep it for repair; of parts, the first
   * @param earlier the last number of the process before, if the lowest is one of that process;
   *     else 0
   * @param topic what it is about, 0 to 255
   * @param part which part of a payload this is, from 0
   * @param parts how many parts the payload has
   * @param payload at most {@link BroadcastConfig#PART_BYTES}
   * @param seal the origin's signature, as {@link BroadcastSeals} makes it
   */
  Content(
      PeerRef origin,
      long sequence,
      long lowest,
      long earlier,
      int topic,
      int part,
      int parts,
      byte[] payload,
      byte[] seal) {
    this.origin = origin;
    this.id = new BroadcastId(origin.id(), sequence);
    this.lowest = lowest;
    this.earlier = earlier;
    this.topic = topic;
    this.part = part;
    this.parts = parts;
    this.payload = payload;
    this.seal = seal;
  }

  /** Which broadcast this is, or which part of one. */
  public BroadcastId id() {
    return id;
  }

  Content sealed(byte[] signature) {
    return new Content(
        origin, id.sequence(), lowest, earlier, topic, part, parts, payload, signature);
  }

  /** The number before the first one of this process. */
  static long base(PeerRef origin) {
    return origin.incarnation() << BroadcastConfig.BITS_PER_MILLISECOND;
  }

  /** Whether something of the process before this one could still come. */
  boolean namesEarlier() {
    return namesEarlier(origin, id.sequence(), lowest);
  }

  /** The same, of a content that is not made yet. */
  static boolean namesEarlier(PeerRef origin, long sequence, long lowest) {
    return sequence >= 0 && lowest <= base(origin);
  }

  /** About how many bytes a task with it takes. */
  int taskBytes() {
    return TASK_BYTES + payload.length;
  }

  boolean isPlain() {
    return id.isPlain();
  }

  boolean isPart() {
    return parts > 1;
  }

  /** What the origin signs: everything, the payload by its SHA-256. */
  byte[] statement() {
    WireWriter out = new WireWriter(160);
    out.raw(DOMAIN, 0, DOMAIN.length);
    out.ref(origin).i64(id.sequence()).i64(lowest);
    if (namesEarlier()) {
      out.i64(earlier);
    }
    out.u8(topic).u16(part).u16(parts);
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(payload);
      return out.raw(hash, 0, hash.length).toBytes();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
