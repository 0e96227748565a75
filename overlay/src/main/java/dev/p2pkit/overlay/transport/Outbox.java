// What waits to be written to one peer, per channel.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.machine.Channel;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.machine.WireWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What waits to be written to one peer. Messages are encoded once, straight into the chunk that
 * will be handed to the socket; a chunk ends with a frame. Channels are drained in their order,
 * several small ones into one batch. Guarded by its owner's lock.
 */
final class Outbox {
  /** A chunk that has reached this gets no more frames. */
  private static final int CHUNK_BYTES = 32 * 1024;

  /** Below this a batch takes the next channel's chunk along. */
  private static final int SMALL_BYTES = 16 * 1024;

  private static final int FIRST_ROOM = 256;
  private static final int CHANNELS = Channel.values().length;

  /** What is written to the socket at once. */
  record Batch(ByteBuf bytes, boolean used) {}

  private static final class Chunk {
    final WireWriter out;
    int frames;

    Chunk(int room) {
      out = new WireWriter(room);
    }
  }

  private static final class Lane {
    final ArrayDeque<Chunk> full = new ArrayDeque<>(2);
    @Nullable Chunk open;
    @Nullable TokenBucket bucket;
    long bytes;
    int room = FIRST_ROOM;
  }

  private final CodecTable codecs;
  private final LinkLimits limits;
  private final Counters counters;
  private final Lane[] lanes = new Lane[CHANNELS];
  private boolean used;

  /** Whether somebody has been told to drain this; set and cleared by the owner. */
  boolean scheduled;

  Outbox(CodecTable codecs, LinkLimits limits, Counters counters) {
    this.codecs = codecs;
    this.limits = limits;
    this.counters = counters;
    for (int i = 0; i < CHANNELS; i++) {
      lanes[i] = new Lane();
    }
  }

  /** Limits what is taken from now on. */
  void rates(LinkRates rates, long nowNanos) {
    for (Channel channel : Channel.values()) {
      Long rate = rates.send().get(channel);
      lanes[channel.ordinal()].bucket = rate == null ? null : new TokenBucket(rate, nowNanos);
    }
  }

  boolean isEmpty() {
    for (Lane lane : lanes) {
      if (lane.bytes > 0) {
        return false;
      }
    }
    return true;
  }

  /** Encodes a message: SENT, FULL or TOO_LARGE; in the last two cases nothing has changed. */
  SendResult add(WireMessage message) {
    WireCodec codec = codecs.writer(message);
    int type = codec.typeOf(message);
    Channel channel = codec.channelOf(type);
    Lane lane = lanes[channel.ordinal()];
    long bound = limits.pendingBytes(channel);
    if (lane.bytes >= bound) {
      return SendResult.FULL;
    }
    Chunk chunk = openChunk(lane);
    WireWriter out = chunk.out;
    int start = out.size();
    boolean done = false;
    try {
      out.i32(0).u8(type);
      codec.encode(message, out);
      done = true;
    } finally {
      if (!done) {
        out.truncate(start);
      }
    }
    int length = out.size() - start - Integer.BYTES;
    if (length > limits.frameBytes(channel)) {
      out.truncate(start);
      return SendResult.TOO_LARGE;
    }
    if (lane.bytes > 0 && lane.bytes + length > bound) {
      out.truncate(start);
      return SendResult.FULL;
    }
    out.patchI32(start, length);
    chunk.frames++;
    lane.bytes += length + Integer.BYTES;
    used = true;
    return SendResult.SENT;
  }

  /** Adds a frame of the link itself; false, and nothing changed, if control is full. */
  boolean add(LinkFrame frame) {
    Lane lane = lanes[Channel.CONTROL.ordinal()];
    if (lane.bytes >= limits.controlBytes()) {
      return false;
    }
    Chunk chunk = openChunk(lane);
    int start = chunk.out.size();
    LinkFrame.write(frame, chunk.out);
    chunk.frames++;
    lane.bytes += chunk.out.size() - start;
    return true;
  }

  private static Chunk openChunk(Lane lane) {
    Chunk open = lane.open;
    if (open != null && open.out.size() >= CHUNK_BYTES) {
      lane.full.add(open);
      open = null;
    }
    if (open == null) {
      open = new Chunk(lane.room);
      lane.open = open;
    }
    return open;
  }

  /** The next batch in the order of the channels; null if there is none or none may go now. */
  @Nullable Batch take(long nowNanos) {
    Chunk first = null;
    byte @Nullable [] joined = null;
    int length = 0;
    for (int channel = 0; channel < CHANNELS && length < SMALL_BYTES; channel++) {
      Lane lane = lanes[channel];
      if (lane.bytes == 0 || (lane.bucket != null && lane.bucket.delayMillis(nowNanos) > 0)) {
        continue;
      }
      Chunk chunk = poll(lane, channel);
      int size = chunk.out.size();
      if (first == null) {
        first = chunk;
      } else {
        joined = Arrays.copyOf(joined == null ? first.out.array() : joined, length + size);
        System.arraycopy(chunk.out.array(), 0, joined, length, size);
      }
      length += size;
    }
    if (first == null) {
      return null;
    }
    boolean wasUsed = used;
    used = !isEmpty() && used;
    byte[] bytes = joined == null ? first.out.array() : joined;
    return new Batch(Unpooled.wrappedBuffer(bytes, 0, length), wasUsed);
  }

  private Chunk poll(Lane lane, int channel) {
    Chunk chunk = lane.full.poll();
    if (chunk == null) {
      chunk = Objects.requireNonNull(lane.open, "bytes are counted but none wait");
      lane.open = null;
      // The array goes to the socket; the next one starts with the room that this one needed.
      lane.room = Math.min(CHUNK_BYTES, Math.max(FIRST_ROOM, chunk.out.size() + 64));
    }
    int size = chunk.out.size();
    lane.bytes -= size;
    if (lane.bucket != null) {
      lane.bucket.take(size);
    }
    counters.sent(channel, chunk.frames, size);
    return chunk;
  }

  /** How long until a channel that is held back may go on, in milliseconds; 0 if none waits. */
  long delayMillis(long nowNanos) {
    long least = 0;
    for (Lane lane : lanes) {
      if (lane.bytes > 0 && lane.bucket != null) {
        long delay = lane.bucket.delayMillis(nowNanos);
        least = least == 0 ? delay : Math.min(least, delay);
      }
    }
    return least;
  }

  /** Drops everything; how many frames that were. */
  long clear() {
    long frames = 0;
    for (Lane lane : lanes) {
      for (Chunk chunk : lane.full) {
        frames += chunk.frames;
      }
      if (lane.open != null) {
        frames += lane.open.frames;
      }
      lane.full.clear();
      lane.open = null;
      lane.bytes = 0;
      lane.room = FIRST_ROOM;
    }
    used = false;
    scheduled = false;
    return frames;
  }
}
