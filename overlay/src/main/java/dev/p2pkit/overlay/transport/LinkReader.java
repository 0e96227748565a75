// Reads frames from a socket, no faster than the rates of its channels allow.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.machine.Channel;
import dev.p2pkit.overlay.machine.FrameTypes;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.transport.LinkStatistics.Drop;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import io.netty.buffer.ByteBuf;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.internal.net.NetSocketInternal;

/**
 * The receiving half of a connection: cuts what arrives into frames, decodes them within their
 * bounds and hands them on. What breaks the rules is counted and refused. On the socket's event
 * loop only.
 */
final class LinkReader {
  /** Who gets the frames. */
  interface Sink {
    /** Whether nothing that still arrives is read. */
    boolean isClosed();

    /** Whether frames that still arrive mean nothing. */
    boolean isDeaf();

    /** Whether the greeting is over, so that messages may come. */
    boolean takesMessages();

    /** A frame of the link itself; false if what follows waits for {@link LinkReader#resume}. */
    boolean linkFrame(LinkFrame frame);

    void message(WireMessage message);

    /** The other side has broken a rule. */
    void refused(KitException why);

    /** Something here has failed. */
    void defect(RuntimeException thrown);

    /**
     * All that had arrived has been handed on.
     *
     * @param messages whether there were messages among it
     */
    void handedOn(boolean messages);
  }

  private final LinkSetup setup;
  private final NetSocketInternal socket;
  private final Sink sink;
  private final FrameCutter cutter;
  private final Intake intake;
  private boolean reading;

  LinkReader(LinkSetup setup, NetSocketInternal socket, Sink sink) {
    this.setup = setup;
    this.socket = socket;
    this.sink = sink;
    this.cutter = new FrameCutter(LinkFrame.GREETING_BYTES, this::frame);
    this.intake = new Intake(setup, System.nanoTime());
  }

  void start() {
    socket.handler(this::read);
  }

  /** Frames may have their full length from now on; {@link #resume} follows. */
  void letIn() {
    cutter.limit(setup.config().limits().frameBytes());
  }

  /** Hands on what has waited. */
  void resume() {
    guarded(cutter::resume);
  }

  /** Whether frames are being handed on right now; {@link Sink#handedOn} follows. */
  boolean isReading() {
    return reading;
  }

  private void read(Buffer buffer) {
    if (sink.isClosed()) {
      return;
    }
    reading = true;
    ByteBuf bytes = ((BufferInternal) buffer).unwrap();
    int length = bytes.readableBytes();
    if (bytes.hasArray()) {
      int from = bytes.arrayOffset() + bytes.readerIndex();
      guarded(() -> cutter.feed(bytes.array(), from, length));
    } else {
      guarded(() -> cutter.feed(buffer.getBytes(), 0, length));
    }
    reading = false;
    sink.handedOn(intake.flush());
    long pause = intake.pauseMillis();
    if (pause > 0) {
      socket.pause();
      setup.vertx().setTimer(pause, ignored -> socket.resume());
    }
  }

  private void guarded(Runnable cut) {
    try {
      cut.run();
    } catch (WireException e) {
      setup.counters().dropped(Drop.PROTOCOL_ERROR, 1);
      sink.refused(new KitException(ErrorCode.PROTOCOL_ERROR, String.valueOf(e.getMessage())));
    } catch (KitException e) {
      setup.counters().dropped(Intake.dropFor(e.code()), 1);
      sink.refused(e);
    } catch (RuntimeException e) {
      sink.defect(e);
    }
  }

  private boolean frame(int type, byte[] bytes, int from, int length) {
    if (sink.isDeaf()) {
      return true;
    }
    if (type < FrameTypes.LINK + FrameTypes.EACH) {
      return sink.linkFrame(LinkFrame.read(type, new WireReader(bytes, from, length)));
    }
    if (!sink.takesMessages()) {
      throw new WireException("a message came before the end of the greeting");
    }
    WireCodec codec = setup.codecs().reader(type);
    if (codec == null) {
      setup.counters().dropped(Drop.UNKNOWN_TYPE, 1);
      return true;
    }
    Channel channel = setup.codecs().channel(type);
    if (length >= setup.config().limits().frameBytes(channel)) {
      throw new WireException("a frame of " + length + " bytes is too large for its channel");
    }
    intake.count(channel, length);
    sink.message(decode(codec, type, new WireReader(bytes, from, length)));
    return true;
  }

  private static WireMessage decode(WireCodec codec, int type, WireReader in) {
    try {
      return codec.decode(type, in);
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      // A record that refuses its components means the same as a codec that does.
      throw new WireException("a frame of type " + type + " is malformed: " + e.getMessage());
    }
  }
}
