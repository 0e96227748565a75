// Which codec reads which frame type and writes which message.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.machine.Channel;
import dev.p2pkit.overlay.machine.FrameTypes;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireMessage;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Finds codecs by frame type and by message. Thread-safe. */
final class CodecTable {
  private static final int TYPES = 256;

  private final List<WireCodec> codecs;
  private final @Nullable WireCodec[] readers = new @Nullable WireCodec[TYPES];
  private final @Nullable Channel[] channels = new @Nullable Channel[TYPES];
  private final ConcurrentHashMap<Class<?>, WireCodec> writers = new ConcurrentHashMap<>();

  CodecTable(List<WireCodec> codecs) {
    this.codecs = List.copyOf(codecs);
    for (WireCodec codec : codecs) {
      if (codec.firstType() < FrameTypes.LINK + FrameTypes.EACH || codec.lastType() >= TYPES) {
        throw new IllegalArgumentException(
            "frame types 0x10 to 0xFF belong to codecs, not " + codec.firstType());
      }
      for (int type = codec.firstType(); type <= codec.lastType(); type++) {
        if (readers[type] != null) {
          throw new IllegalArgumentException("two codecs claim the frame type " + type);
        }
        Channel channel = channelOf(codec, type);
        if (channel != null) {
          readers[type] = codec;
          channels[type] = channel;
        }
      }
    }
  }

  /** Null for a type within a codec's range that it does not (yet) use. */
  private static @Nullable Channel channelOf(WireCodec codec, int type) {
    try {
      return codec.channelOf(type);
    } catch (IllegalArgumentException | WireException e) {
      return null;
    }
  }

  /** The codec that reads a type; null if nobody here does. */
  @Nullable WireCodec reader(int type) {
    return readers[type];
  }

  /** The channel of a type that has a reader. */
  Channel channel(int type) {
    Channel channel = channels[type];
    return channel == null ? Channel.CONTROL : channel;
  }

  /**
   * The codec that writes a message.
   *
   * @throws IllegalArgumentException if there is none: a machine was hosted without its codec
   */
  WireCodec writer(WireMessage message) {
    WireCodec known = writers.get(message.getClass());
    if (known != null) {
      return known;
    }
    for (WireCodec codec : codecs) {
      if (codec.handles(message)) {
        writers.put(message.getClass(), codec);
        return codec;
      }
    }
    throw new IllegalArgumentException("no codec writes a " + message.getClass().getName());
  }
}
