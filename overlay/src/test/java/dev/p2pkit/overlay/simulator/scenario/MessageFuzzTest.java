// Frames of messages and proofs from a living network, changed: each is read or refused.
package dev.p2pkit.overlay.simulator.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.machine.FrameTypes;
import dev.p2pkit.overlay.machine.Fuzz;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.overlay.simulator.SimulatedPeer;
import dev.p2pkit.overlay.simulator.SimulationObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class MessageFuzzTest {
  private static final int EACH = 20;

  @Test
  void changedMessagesAndProofsAreReadOrRefused() {
    Map<Integer, WireCodec> byType = new TreeMap<>();
    Map<Integer, List<byte[]>> corpus = new TreeMap<>();
    for (String check : List.of("none", "granted")) {
      Scenario scenario =
          new ScenarioBuilder()
              .set("peers", "60")
              .set("level", "2")
              .set("loss", "2%")
              .set("sends-per-second", "50")
              .set("check", check)
              .build();
      World world = new World(scenario, 5, RunOptions.PLAIN);
      world.simulation.observe(
          new SimulationObserver() {
            @Override
            public void sent(
                SimulatedPeer from, PeerRef to, WireCodec codec, int type, WireMessage message) {
              if (type >= FrameTypes.ROUTING) {
                byType.put(type, codec);
                List<byte[]> samples = corpus.computeIfAbsent(type, absent -> new ArrayList<>());
                if (samples.size() < EACH) {
                  WireWriter out = new WireWriter(64);
                  codec.encode(message, out);
                  samples.add(out.toBytes());
                }
              }
            }
          });
      world.form();
      world.workload().start();
      world.simulation.runFor(Duration.ofSeconds(4));
    }
    assertThat(corpus.size()).isGreaterThan(10);
    Fuzz fuzz = new Fuzz(12);
    corpus.forEach(
        (type, samples) -> samples.forEach(sample -> fuzz.change(byType.get(type), type, sample)));
  }
}
