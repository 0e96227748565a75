// The frame by which one peer passes a message of the ring on for another.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.broadcast.BroadcastSeals;
import dev.p2pkit.overlay.machine.Channel;
import dev.p2pkit.overlay.machine.FrameTypes;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;

/** The frame of relays, type {@link FrameTypes#RELAY}. What is in it is read by who it is for. */
final class RelayCodec implements WireCodec {
  @Override
  public int firstType() {
    return FrameTypes.RELAY;
  }

  @Override
  public int lastType() {
    return FrameTypes.RELAY + FrameTypes.EACH - 1;
  }

  @Override
  public boolean handles(WireMessage message) {
    return message instanceof Relay;
  }

  @Override
  public int typeOf(WireMessage message) {
    return FrameTypes.RELAY;
  }

  @Override
  public Channel channelOf(int type) {
    return Channel.CONTROL;
  }

  @Override
  public void encode(WireMessage message, WireWriter out) {
    Relay relay = (Relay) message;
    relay.writeSigned(out);
    out.bytes(relay.seal());
  }

  @Override
  public WireMessage decode(int type, WireReader in) {
    if (type != FrameTypes.RELAY) {
      throw new WireException("unknown message of relays, type " + type);
    }
    return new Relay(
        in.peer(),
        in.i64(),
        in.peer(),
        in.peer(),
        in.i64(),
        in.i64(),
        in.i64(),
        in.u8(),
        in.bytes(Relay.MOST_BODY),
        in.bytes(BroadcastSeals.MAX_BYTES));
  }
}
