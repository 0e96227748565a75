// Every codec of the overlay against random bytes and against valid messages that were changed.
package dev.p2pkit.overlay.broadcast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.ban.BanCodec;
import dev.p2pkit.overlay.machine.Fuzz;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.overlay.observer.ObserverCodec;
import dev.p2pkit.overlay.proof.ProofCodec;
import dev.p2pkit.overlay.ring.RingConfig;
import dev.p2pkit.overlay.ring.RingMachine;
import dev.p2pkit.overlay.routing.RoutingCodec;
import dev.p2pkit.overlay.simulator.NetworkConditions;
import dev.p2pkit.overlay.simulator.SimulatedPeer;
import dev.p2pkit.overlay.simulator.SimulationObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class CodecFuzzTest {
  private static final int EACH = 20;

  private final Fuzz fuzz = new Fuzz(11);

  private static List<WireCodec> codecs() {
    List<WireCodec> codecs = new ArrayList<>(RingMachine.codecs());
    codecs.add(new RoutingCodec());
    codecs.add(new BanCodec());
    codecs.add(new ProofCodec());
    codecs.add(new ObserverCodec());
    return codecs;
  }

  @Test
  void randomBytesAreReadOrRefusedByEveryCodec() {
    codecs().forEach(codec -> fuzz.random(codec, 20_000));
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
    corpus.forEach(
        (type, samples) -> samples.forEach(sample -> fuzz.change(byType.get(type), type, sample)));
  }
}
