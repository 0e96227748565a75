// The frames by which two rings unite.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.Channel;
import dev.p2pkit.overlay.machine.FrameTypes;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.overlay.ring.MergeMessage.Foreign;
import dev.p2pkit.overlay.ring.MergeMessage.Hail;
import dev.p2pkit.overlay.ring.MergeMessage.HailAnswer;
import dev.p2pkit.overlay.ring.MergeMessage.TablePart;
import dev.p2pkit.overlay.ring.MergeMessage.TablePull;

/** The frames of merging, types {@link FrameTypes#MERGE} and up. */
public final class MergeCodec implements WireCodec {
  private static final int HAIL = FrameTypes.MERGE;
  private static final int HAIL_ANSWER = FrameTypes.MERGE + 1;
  private static final int FOREIGN = FrameTypes.MERGE + 2;
  private static final int TABLE_PULL = FrameTypes.MERGE + 3;
  private static final int TABLE_PART = FrameTypes.MERGE + 4;

  @Override
  public int firstType() {
    return FrameTypes.MERGE;
  }

  @Override
  public int lastType() {
    return FrameTypes.MERGE + FrameTypes.EACH - 1;
  }

  @Override
  public boolean handles(WireMessage message) {
    return message instanceof MergeMessage;
  }

  @Override
  public int typeOf(WireMessage message) {
    if (message instanceof Hail) {
      return HAIL;
    } else if (message instanceof HailAnswer) {
      return HAIL_ANSWER;
    } else if (message instanceof Foreign) {
      return FOREIGN;
    } else if (message instanceof TablePull) {
      return TABLE_PULL;
    } else if (message instanceof TablePart) {
      return TABLE_PART;
    }
    throw new IllegalArgumentException("no message of merging: " + message);
  }

  @Override
  public Channel channelOf(int type) {
    return Channel.CONTROL;
  }

  @Override
  public void encode(WireMessage message, WireWriter out) {
    if (message instanceof Hail m) {
      out.ref(m.speaker()).bool(m.whole());
    } else if (message instanceof HailAnswer m) {
      out.ref(m.speaker()).ref(m.at()).bool(m.whole());
    } else if (message instanceof Foreign m) {
      out.ref(m.peer()).bool(m.whole());
    } else if (message instanceof TablePull m) {
      out.i64(m.number()).i32(m.part());
    } else if (message instanceof TablePart m) {
      out.i64(m.number()).i32(m.part()).i32(m.parts());
      RingFields.news(out, m.news());
    }
  }

  @Override
  public WireMessage decode(int type, WireReader in) {
    return switch (type) {
      case HAIL -> new Hail(in.ref(), in.bool());
      case HAIL_ANSWER -> new HailAnswer(in.ref(), in.ref(), in.bool());
      case FOREIGN -> new Foreign(in.ref(), in.bool());
      case TABLE_PULL -> new TablePull(in.i64(), part(in, Speaker.MOST_PARTS));
      case TABLE_PART -> {
        long number = in.i64();
        int part = in.i32();
        int parts = part(in, Speaker.MOST_PARTS + 1);
        if (part < 0 || part >= parts) {
          throw new WireException("there is no part " + part + " of " + parts);
        }
        yield new TablePart(number, part, parts, RingFields.news(in, Speaker.NEWS_PER_PART));
      }
      default -> throw new WireException("unknown message of merging, type " + type);
    };
  }

  private static int part(WireReader in, int limit) {
    int part = in.i32();
    if (part < 0 || part >= limit) {
      throw new WireException("a table has fewer than " + limit + " parts, not " + part);
    }
    return part;
  }
}
