// How the messages of one machine become frames.
package dev.p2pkit.overlay.machine;

/**
 * Encodes and decodes the messages of one machine. It owns the frame types {@code firstType} to
 * {@code lastType}; the type byte itself is written and read by the link. The allocation of types
 * stands in {@link FrameTypes}.
 */
public interface WireCodec {
  /** The first frame type of this codec. */
  int firstType();

  /** The last frame type of this codec. */
  int lastType();

  /** Whether a message is one of this codec's. */
  boolean handles(WireMessage message);

  /** The frame type of a message. */
  int typeOf(WireMessage message);

  /** The channel on which frames of a type travel. */
  Channel channelOf(int type);

  /** Writes a message, without its type. */
  void encode(WireMessage message, WireWriter out);

  /**
   * Reads a message. Bytes that remain unread are ignored, so that a later version may add fields
   * at the end.
   *
   * @throws WireException if the bytes are no such message
   */
  WireMessage decode(int type, WireReader in);
}
