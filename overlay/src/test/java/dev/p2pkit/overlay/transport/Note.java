// The message and codec with which the transport's tests talk.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.machine.Channel;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;

/** A numbered message of any size on any channel. */
record Note(Channel channel, long number, int padding) implements WireMessage {
  static final WireCodec CODEC = new Codec();
  static final int FIRST_TYPE = 0x40;

  static Note control(long number) {
    return new Note(Channel.CONTROL, number, 0);
  }

  static Note request(long number) {
    return new Note(Channel.REQUEST, number, 0);
  }

  static Note bulk(long number, int padding) {
    return new Note(Channel.BULK, number, padding);
  }

  private static final class Codec implements WireCodec {
    @Override
    public int firstType() {
      return FIRST_TYPE;
    }

    @Override
    public int lastType() {
      return FIRST_TYPE + 0x0F;
    }

    @Override
    public boolean handles(WireMessage message) {
      return message instanceof Note;
    }

    @Override
    public int typeOf(WireMessage message) {
      return FIRST_TYPE + ((Note) message).channel().ordinal();
    }

    @Override
    public Channel channelOf(int type) {
      int index = type - FIRST_TYPE;
      if (index >= Channel.values().length) {
        throw new WireException("no such note");
      }
      return Channel.values()[index];
    }

    @Override
    public void encode(WireMessage message, WireWriter out) {
      Note note = (Note) message;
      out.i64(note.number());
      if (note.padding() > 0) {
        out.raw(new byte[note.padding()], 0, note.padding());
      }
    }

    @Override
    public WireMessage decode(int type, WireReader in) {
      Channel channel = channelOf(type);
      long number = in.i64();
      return new Note(channel, number, in.remaining());
    }
  }
}
