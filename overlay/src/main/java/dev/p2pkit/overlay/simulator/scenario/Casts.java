// The broadcasts of a run.
package dev.p2pkit.overlay.simulator.scenario;

import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.ring.RingMachine;
import dev.p2pkit.overlay.simulator.oracle.CoverageOracle;
import dev.p2pkit.sdk.BroadcastReport;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.PeerId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends broadcasts, evenly spread over the run, from one member as long as it lives. Its first one
 * finds few links open and counts as cold, the next ones go the same ways.
 */
final class Casts {
  private static final long DEADLINE = 10_000_000;

  /** A report names so many of those whom it counts. */
  private static final int MOST_NAMED = 1_024;

  private record Begun(long ticket, long at, boolean warm) {}

  private final World world;
  private final Scenario scenario;
  private final CoverageOracle oracle;
  private final Doubts doubts;

  /** By how much a report may come after the deadline (µs). */
  private final long grace;

  private final List<Begun> begun = new ArrayList<>();
  private final Samples lasts = new Samples();
  private final Samples coldLasts = new Samples();
  private @Nullable Node latest;
  private BooleanSupplier faultless = () -> false;
  private final Samples reports = new Samples();
  private long number;
  private long missed;
  private long expected;
  private long deliveries;

  /**
   * The broadcasts of a scenario.
   *
   * @param late by how many microseconds a timer may be late: by pauses and faults
   */
  Casts(World world, Scenario scenario, CoverageOracle oracle, long late) {
    this.world = world;
    this.scenario = scenario;
    this.oracle = oracle;
    doubts = new Doubts(world);
    grace = late + DEADLINE * scenario.drift() / 500;
  }

  /**
   * Begins.
   *
   * @param undisturbed whether no fault keeps peers that live from being known to others
   */
  void start(BooleanSupplier undisturbed) {
    faultless = undisturbed;
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
    long at = world.now();
    long ticket = oracle.began(origin.index(), ++number, members, at + DEADLINE + grace);
    doubts.review();
    BitSet known = known(origin, members);
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
                      report -> reported(ticket, at, known, report)));
    } catch (KitException busy) {
      // Nothing has left: nobody can miss it.
      world.log(() -> "broadcast refused: " + busy.getMessage());
      oracle.refused(ticket);
      return;
    }
    begun.add(new Begun(ticket, at, origin == before));
  }

  /**
   * Whom an origin may not overlook: those that it knows itself. Where its table holds a part only,
   * those are all, unless a fault may keep some from being known to whoever stands before them.
   */
  private BitSet known(Node origin, BitSet members) {
    RingView view = origin.view();
    if (view == null) {
      return new BitSet();
    }
    if (!view.complete()) {
      return faultless.getAsBoolean() ? members : new BitSet();
    }
    BitSet known = new BitSet();
    members.stream()
        .filter(peer -> view.find(world.node(peer).id()).isPresent())
        .forEach(known::set);
    return known;
  }

  private void reported(long ticket, long at, BitSet known, BroadcastReport report) {
    reports.add(world.now() - at);
    oracle.reported(
        ticket,
        new CoverageOracle.Told(
            numbers(report.peers()),
            report.reached() <= MOST_NAMED,
            report.reached(),
            numbers(report.repaired()),
            peer -> excepts(report, world.node(peer).id())),
        peer -> known.get(peer) && doubts.noneOf(world.node(peer).id(), at),
        world.now());
  }

  private BitSet numbers(Set<PeerId> peers) {
    BitSet numbers = new BitSet();
    peers.forEach(peer -> numbers.set(world.numberOf(peer)));
    return numbers;
  }

  private static boolean excepts(BroadcastReport report, PeerId peer) {
    return report.more()
        || report.refused().containsKey(peer)
        || report.missed().stream().anyMatch(arc -> peer.position().isIn(arc.after(), arc.upTo()));
  }

  /** A peer has told what it knows of others. */
  void heard(Node node, NetworkEvent event) {
    if (scenario.broadcasts() > 0) {
      doubts.heard(node, event);
    }
  }

  void reached(Node node, byte[] payload) {
    if (payload.length >= 16) {
      deliveries++;
      oracle.reached(ByteBuffer.wrap(payload).getLong(), node.index(), world.now());
    }
  }

  void gone(Node node) {
    oracle.gone(node.index());
    doubts.gone(node);
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
