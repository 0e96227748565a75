// What stands before the body of a message that its sender repeats until it has the answer.
package dev.p2pkit.peer;

import dev.p2pkit.peer.service.Once;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The header of a message with {@link Mark#REPEATED}.
 *
 * @param once the identity; its sender is the origin of the envelope
 * @param bound the only peer that may take it, because an earlier copy may have reached it
 */
record OnceHeader(Once once, Optional<PeerId> bound) {
  private static final byte FORMAT = 1;
  private static final int LONGEST = 2 + 4 * Long.BYTES + Key.BYTES;

  /** A header and what it stands before. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Split(OnceHeader header, byte[] body) {}

  byte[] before(byte[] body) {
    ByteBuffer out =
        ByteBuffer.allocate(LONGEST - (bound.isPresent() ? 0 : Key.BYTES) + body.length)
            .put(FORMAT)
            .putLong(once.process())
            .putLong(once.number())
            .putLong(once.lowestOpen())
            .putLong(once.after())
            .put((byte) (bound.isPresent() ? 1 : 0));
    bound.ifPresent(peer -> out.put(peer.position().toBytes()));
    return out.put(body).array();
  }

  /**
   * Takes the header off.
   *
   * @throws KitException PROTOCOL_ERROR if there is none, VERSION_SKEW if it is of another format
   */
  static Split split(PeerId sender, byte[] whole) {
    ByteBuffer in = ByteBuffer.wrap(whole);
    try {
      byte format = in.get();
      if (format != FORMAT) {
        throw new KitException(
            ErrorCode.VERSION_SKEW,
            "the identity of a message has format " + format + ", and this peer reads 1");
      }
      Once once = new Once(sender, in.getLong(), in.getLong(), in.getLong(), in.getLong());
      if (once.number() < 1 || once.lowestOpen() > once.number() || once.after() >= once.number()) {
        throw new KitException(ErrorCode.PROTOCOL_ERROR, "a message with impossible numbers");
      }
      Optional<PeerId> bound = Optional.empty();
      if (in.get() != 0) {
        bound = Optional.of(new PeerId(new Key(in.getLong(), in.getLong())));
      }
      byte[] body = new byte[in.remaining()];
      in.get(body);
      return new Split(new OnceHeader(once, bound), body);
    } catch (BufferUnderflowException e) {
      throw new KitException(ErrorCode.PROTOCOL_ERROR, "a message whose identity is cut off", e);
    }
  }
}
