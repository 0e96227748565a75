// The frames of the ring: pointers, joining, leaving.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.Channel;
import dev.p2pkit.overlay.machine.FrameTypes;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;

/** The frames of the ring, types {@link FrameTypes#RING} and up. */
public final class RingCodec implements WireCodec {
  @Override
  public int firstType() {
    return FrameTypes.RING;
  }

  @Override
  public int lastType() {
    return FrameTypes.RING + FrameTypes.EACH - 1;
  }

  @Override
  public boolean handles(WireMessage message) {
    return false;
  }

  @Override
  public int typeOf(WireMessage message) {
    return FrameTypes.RING;
  }

  @Override
  public Channel channelOf(int type) {
    return Channel.CONTROL;
  }

  @Override
  public void encode(WireMessage message, WireWriter out) {}

  @Override
  public WireMessage decode(int type, WireReader in) {
    throw new WireException("unknown type " + type);
  }
}
