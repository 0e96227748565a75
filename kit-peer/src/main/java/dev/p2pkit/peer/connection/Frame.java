// What the two ends of a connection say to each other.
package dev.p2pkit.peer.connection;

import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.sdk.Address;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Payload;

/** A step of a connection; {@code id} is the sender's name for it. */
sealed interface Frame permits Frame.Open, Frame.Data, Frame.End {
  /** The connection it belongs to. */
  long id();

  /** The connection begins. */
  record Open(long id, String accessPoint) implements Frame {}

  /** The message with this number, counted from 1. */
  record Data(long id, long number, Payload body) implements Frame {}

  /** The connection has ended. */
  record End(long id) implements Frame {}

  /** Writes a step. */
  static Payload encode(Frame frame) {
    WireWriter out = new WireWriter(64);
    if (frame instanceof Open open) {
      out.u8(0).i64(open.id()).text(open.accessPoint());
    } else if (frame instanceof Data data) {
      byte[] body = data.body().toWire();
      out.u8(1).i64(data.id()).i64(data.number()).raw(body, 0, body.length);
    } else {
      out.u8(2).i64(frame.id());
    }
    return Payload.bytes(out.toBytes());
  }

  /** Reads a step; what is not one is a {@link ErrorCode#PROTOCOL_ERROR}. */
  static Frame decode(Payload payload) {
    try {
      WireReader in = new WireReader(payload.content());
      int kind = in.u8();
      long id = in.i64();
      return switch (kind) {
        case 0 -> new Open(id, accessPoint(in));
        case 1 -> new Data(id, in.i64(), Payload.fromWire(in.rest()));
        case 2 -> new End(id);
        default -> throw new WireException("there is no step " + kind + " in this version");
      };
    } catch (WireException e) {
      throw new KitException(
          ErrorCode.PROTOCOL_ERROR, "a connection's step cannot be read: " + e.getMessage(), e);
    }
  }

  private static String accessPoint(WireReader in) {
    String name = in.text(3 * Address.MAX_ACCESS_POINT);
    if (name.isEmpty() || name.length() > Address.MAX_ACCESS_POINT) {
      throw new WireException("an access point of " + name.length() + " characters");
    }
    return name;
  }
}
