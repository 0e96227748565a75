// The frames of one kind of notices.
package dev.p2pkit.overlay.notice;

import dev.p2pkit.overlay.machine.Channel;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.overlay.notice.NoticeMessage.Notices;
import dev.p2pkit.overlay.notice.NoticeMessage.Offer;
import java.util.ArrayList;
import java.util.List;

/** Turns messages about notices into frames. */
public class NoticeCodec<N extends Notice> implements WireCodec {
  /** How many notices go into one frame. */
  public static final int PER_FRAME = 64;

  private static final int LEAST_BYTES = 4;

  private final NoticeKind<N> kind;

  /** The frames of a kind. */
  public NoticeCodec(NoticeKind<N> kind) {
    this.kind = kind;
  }

  @Override
  public final int firstType() {
    return kind.frameType();
  }

  @Override
  public final int lastType() {
    return kind.frameType() + 1;
  }

  @Override
  public final boolean handles(WireMessage message) {
    return kind.messages().isInstance(message);
  }

  @Override
  public final int typeOf(WireMessage message) {
    return message instanceof Offer ? firstType() : lastType();
  }

  @Override
  public final Channel channelOf(int type) {
    return Channel.CONTROL;
  }

  @Override
  public final void encode(WireMessage message, WireWriter out) {
    if (message instanceof Offer offer) {
      out.i64(offer.digest());
    } else {
      write(out, (Notices<?>) message);
    }
  }

  private static void write(WireWriter out, Notices<?> message) {
    out.bool(message.more()).u16(message.notices().size());
    message.notices().forEach(notice -> out.bytes(notice.encode()));
  }

  @Override
  public final WireMessage decode(int type, WireReader in) {
    return type == firstType() ? kind.offer().apply(in.i64()) : read(in);
  }

  private Notices<N> read(WireReader in) {
    boolean more = in.bool();
    int count = in.u16();
    if (count > PER_FRAME || count * LEAST_BYTES > in.remaining()) {
      throw new WireException("at most " + PER_FRAME + " notices travel together, not " + count);
    }
    List<N> notices = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      notices.add(kind.decode().apply(in.bytes(kind.mostBytes())));
    }
    return kind.told().of(more, List.copyOf(notices));
  }
}
