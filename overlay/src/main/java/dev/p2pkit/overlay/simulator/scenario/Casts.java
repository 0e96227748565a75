// The broadcasts of a run.
package dev.p2pkit.overlay.simulator.scenario;

import dev.p2pkit.overlay.ring.RingMachine;
import dev.p2pkit.overlay.simulator.oracle.CoverageOracle;
import dev.p2pkit.sdk.KitException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sends broadcasts, evenly spread over the run, from one member as long as it lives. Its first one
 * finds few links open and counts as cold, the next ones go the same ways.
 */
final class Casts {
  private static final long DEADLINE = 10_000_000;

  private record Begun(long ticket, long at, boolean warm) {}

  private final World world;
  private final Scenario scenario;
  private final CoverageOracle oracle;
  private final List<Begun> begun = new ArrayList<>();
  private final Samples lasts = new Samples();
  private final Samples coldLasts = new Samples();
  private @Nullable Node latest;
  private final Samples reports = new Samples();
  private long number;
  private long missed;
  private long expected;
  private long deliveries;

  Casts(World world, Scenario scenario, CoverageOracle oracle) {
    this.world = world;
    this.scenario = scenario;
    this.oracle = oracle;
  }

  void start() {
    for (int i = 0; i < scenario.broadcasts(); i++) {
      world.after(scenario.length() * (i + 1) / (scenario.broadcasts() + 1), this::send);
    }
  }

  private void send() {
    Node before = latest;
    Node origin = before != null && before.member ? before : world.anyMember();
    if (origin == null || origin.process.paused()) {
      return;
    }
    latest = origin;
    BitSet members = new BitSet();
    world.members().forEach(member -> members.set(member.index()));
    long ticket = oracle.began(origin.index(), ++number, members);
    long at = world.now();
    byte[] payload = ByteBuffer.allocate(scenario.payload()).putLong(ticket).putLong(at).array();
    world.log(() -> origin + " sends broadcast " + number);
    try {
      origin.process.run(
          now ->
              origin
                  .ring()
                  .broadcast(
                      now,
                      RingMachine.TOPIC_APPLICATION,
                      payload,
                      now + DEADLINE,
                      report -> reports.add(world.now() - at)));
    } catch (KitException busy) {
      // Nothing has left: nobody can miss it.
      world.log(() -> "broadcast refused: " + busy.getMessage());
      oracle.refused(ticket);
      return;
    }
    begun.add(new Begun(ticket, at, origin == before));
  }

  void reached(Node node, byte[] payload) {
    if (payload.length >= 16) {
      deliveries++;
      oracle.reached(ByteBuffer.wrap(payload).getLong(), node.index(), world.now());
    }
  }

  void gone(Node node) {
    oracle.gone(node.index());
  }

  /** Whether everybody who has to has all of them. */
  boolean whole() {
    return begun.stream().allMatch(each -> oracle.whole(each.ticket()));
  }

  void finish() {
    for (Begun each : begun) {
      long last = oracle.lastAt(each.ticket());
      if (last > 0) {
        (each.warm() ? lasts : coldLasts).add(last - each.at());
      }
      long[] counts = oracle.finish(each.ticket(), world.now());
      missed += counts[0];
      expected += counts[1];
    }
  }

  double coverage() {
    return expected == 0 ? Double.NaN : 1 - (double) missed / expected;
  }

  double payloadsPerPeer(long payloads) {
    // The origin gets its own without a message.
    long others = deliveries - begun.size();
    return others <= 0 ? Double.NaN : (double) payloads / others;
  }

  double lastMicros() {
    return lasts.max();
  }

  double coldLastMicros() {
    return coldLasts.max();
  }

  double reportMicros() {
    return reports.max();
  }
}
