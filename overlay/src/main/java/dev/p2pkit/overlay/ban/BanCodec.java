// The frames of bans.
package dev.p2pkit.overlay.ban;

import dev.p2pkit.overlay.ban.BanMessage.Notices;
import dev.p2pkit.overlay.ban.BanMessage.Offer;
import dev.p2pkit.overlay.machine.Channel;
import dev.p2pkit.overlay.machine.FrameTypes;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import java.util.ArrayList;
import java.util.List;

/** Turns messages about bans into frames. */
public final class BanCodec implements WireCodec {
  /** How many notices go into one frame. */
  static final int PER_FRAME = 64;

  private static final int OFFER = FrameTypes.BAN;
  private static final int NOTICES = FrameTypes.BAN + 1;
  private static final int LEAST_BYTES = 4;

  @Override
  public int firstType() {
    return OFFER;
  }

  @Override
  public int lastType() {
    return NOTICES;
  }

  @Override
  public boolean handles(WireMessage message) {
    return message instanceof BanMessage;
  }

  @Override
  public int typeOf(WireMessage message) {
    return message instanceof Offer ? OFFER : NOTICES;
  }

  @Override
  public Channel channelOf(int type) {
    return Channel.CONTROL;
  }

  @Override
  public void encode(WireMessage message, WireWriter out) {
    if (message instanceof Offer offer) {
      out.i64(offer.digest());
    } else {
      write(out, (Notices) message);
    }
  }

  private static void write(WireWriter out, Notices message) {
    out.bool(message.more()).u16(message.notices().size());
    message.notices().forEach(notice -> out.bytes(notice.encode()));
  }

  @Override
  public WireMessage decode(int type, WireReader in) {
    return type == OFFER ? new Offer(in.i64()) : read(in);
  }

  private static Notices read(WireReader in) {
    boolean more = in.bool();
    int count = in.u16();
    if (count > PER_FRAME || count * LEAST_BYTES > in.remaining()) {
      throw new WireException("at most " + PER_FRAME + " notices travel together, not " + count);
    }
    List<BanNotice> notices = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      notices.add(BanNotice.decode(in.bytes(BanNotice.MOST_BYTES)));
    }
    return new Notices(more, List.copyOf(notices));
  }

  /** One notice as the payload of a broadcast. */
  static byte[] payload(BanNotice notice) {
    return notice.encode();
  }
}
