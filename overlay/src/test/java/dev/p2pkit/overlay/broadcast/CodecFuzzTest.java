// Every codec of the overlay against random bytes and against valid messages that were changed.
package dev.p2pkit.overlay.broadcast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.ban.BanCodec;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.overlay.ring.RingConfig;
import dev.p2pkit.overlay.ring.RingMachine;
import dev.p2pkit.overlay.routing.RoutingCodec;
import dev.p2pkit.overlay.simulator.NetworkConditions;
import dev.p2pkit.overlay.simulator.SimulatedPeer;
import dev.p2pkit.overlay.simulator.SimulationObserver;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class CodecFuzzTest {
  private static final int EACH = 20;

  private final SplittableRandom random = new SplittableRandom(11);

  private static List<WireCodec> codecs() {
    List<WireCodec> codecs = new ArrayList<>(RingMachine.codecs());
    codecs.add(new RoutingCodec());
    codecs.add(new BanCodec());
    return codecs;
  }

  private static void read(WireCodec codec, int type, byte[] bytes) {
    try {
      assertThat(codec.decode(type, new WireReader(bytes))).isNotNull();
    } catch (WireException refused) {
      assertThat(refused.getMessage()).isNotBlank();
    }
  }

  @Test
  void randomBytesAreReadOrRefusedByEveryCodec() {
    for (WireCodec codec : codecs()) {
      for (int i = 0; i < 20_000; i++) {
        byte[] bytes = new byte[random.nextInt(120)];
        random.nextBytes(bytes);
        read(codec, codec.firstType() + i % (codec.lastType() - codec.firstType() + 1), bytes);
      }
    }
  }

  @Test
  void changedMessagesOfALivingRingAreReadOrRefused() {
    BroadcastWorld world =
        new BroadcastWorld(12, 30, NetworkConditions.DEFAULT.withLoss(0.05), RingConfig.DEFAULT);
    Map<Integer, List<byte[]>> corpus = new TreeMap<>();
    Map<Integer, WireCodec> byType = new TreeMap<>();
    world.simulation.observe(
        new SimulationObserver() {
          @Override
          public void sent(
              SimulatedPeer from, PeerRef to, WireCodec codec, int type, WireMessage message) {
            byType.put(type, codec);
            List<byte[]> samples = corpus.computeIfAbsent(type, absent -> new ArrayList<>());
            if (samples.size() < EACH) {
              WireWriter out = new WireWriter(64);
              codec.encode(message, out);
              samples.add(out.toBytes());
            }
          }
        });
    world.churn(20, 10, 2);
    world.broadcast(world.any(), 100_000);
    world.run(3);
    assertThat(corpus.size()).isGreaterThan(12);
    corpus.forEach((type, samples) -> samples.forEach(sample -> change(byType, type, sample)));
  }

  private void change(Map<Integer, WireCodec> byType, int type, byte[] sample) {
    WireCodec codec = byType.get(type);
    for (int i = 0; i < 200; i++) {
      byte[] changed =
          Arrays.copyOf(
              sample, random.nextInt(4) == 0 ? random.nextInt(sample.length + 1) : sample.length);
      for (int flips = random.nextInt(4); flips >= 0 && changed.length > 0; flips--) {
        // Mostly near the front, where the lengths and counts are.
        int place = random.nextInt(Math.min(changed.length, 1 + random.nextInt(600)));
        changed[place] = random.nextBoolean() ? (byte) random.nextInt() : (byte) 0xFF;
      }
      read(codec, type, changed);
    }
  }
}
