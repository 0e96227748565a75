// What a transport counts while it works.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.machine.Channel;
import dev.p2pkit.overlay.transport.LinkStatistics.Drop;
import dev.p2pkit.overlay.transport.LinkStatistics.Traffic;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** What a transport counts. Thread-safe; written once per batch, not per frame. */
final class Counters {
  private static final int CHANNELS = Channel.values().length;

  private final LongAdder[] sentFrames = adders(CHANNELS);
  private final LongAdder[] sentBytes = adders(CHANNELS);
  private final LongAdder[] receivedFrames = adders(CHANNELS);
  private final LongAdder[] receivedBytes = adders(CHANNELS);
  private final LongAdder[] dropped = adders(Drop.values().length);
  private final AtomicInteger greetings = new AtomicInteger();
  final AtomicInteger clients = new AtomicInteger();

  /**
   * Takes one of so many places for connections that have not greeted yet; false if none is free.
   */
  boolean beginGreeting(int most) {
    // In one step: connections are accepted on several event loops at once.
    return greetings.getAndUpdate(taken -> taken < most ? taken + 1 : taken) < most;
  }

  /** Frees the place of a connection that has greeted or is gone. */
  void endGreeting() {
    greetings.decrementAndGet();
  }

  private static LongAdder[] adders(int count) {
    LongAdder[] adders = new LongAdder[count];
    for (int i = 0; i < count; i++) {
      adders[i] = new LongAdder();
    }
    return adders;
  }

  void sent(int channel, long frames, long bytes) {
    sentFrames[channel].add(frames);
    sentBytes[channel].add(bytes);
  }

  void received(int channel, long frames, long bytes) {
    receivedFrames[channel].add(frames);
    receivedBytes[channel].add(bytes);
  }

  void dropped(Drop reason, long count) {
    dropped[reason.ordinal()].add(count);
  }

  LinkStatistics read(int outgoing, int incoming, int dialling, Handshakes handshakes) {
    Map<Drop, Long> drops = new EnumMap<>(Drop.class);
    for (Drop reason : Drop.values()) {
      drops.put(reason, dropped[reason.ordinal()].sum());
    }
    return new LinkStatistics(
        outgoing,
        incoming,
        dialling,
        clients.get(),
        traffic(sentFrames, sentBytes),
        traffic(receivedFrames, receivedBytes),
        handshakes.dialled().read(),
        handshakes.accepted().read(),
        drops);
  }

  private static Map<Channel, Traffic> traffic(LongAdder[] frames, LongAdder[] bytes) {
    Map<Channel, Traffic> traffic = new EnumMap<>(Channel.class);
    for (Channel channel : Channel.values()) {
      traffic.put(
          channel, new Traffic(frames[channel.ordinal()].sum(), bytes[channel.ordinal()].sum()));
    }
    return traffic;
  }
}
