// The frames of membership: digests, records, probes.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.Channel;
import dev.p2pkit.overlay.machine.FrameTypes;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;

/** The frames of membership, types {@link FrameTypes.MEMBERSHIP} and up. */
public final class MembershipCodec implements WireCodec {
  @Override
  public int firstType() {
    return FrameTypes.MEMBERSHIP;
  }

  @Override
  public int lastType() {
    return FrameTypes.MEMBERSHIP + FrameTypes.EACH - 1;
  }

  @Override
  public boolean handles(WireMessage message) {
    return false;
  }

  @Override
  public int typeOf(WireMessage message) {
    return FrameTypes.MEMBERSHIP;
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
