// One broadcast machine and a peer that says what it likes to it.
package dev.p2pkit.overlay.broadcast;

import dev.p2pkit.overlay.broadcast.BroadcastMessage.Task;
import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.Machine;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.SortedPeers;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.simulator.NetworkConditions;
import dev.p2pkit.overlay.simulator.SimulatedPeer;
import dev.p2pkit.overlay.simulator.Simulation;
import dev.p2pkit.sdk.BroadcastReport.Arc;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.PeerId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The machine, what it delivers, and a stranger that sends anything to it and hears all. */
final class LoneBroadcaster {
  static final int TOPIC = 1;
  private static final long SECOND = 1_000_000;

  /** Signs with the origin's id, which is enough to see whether it is looked at. */
  static final BroadcastSeals SEALS =
      new BroadcastSeals() {
        @Override
        public byte[] seal(byte[] statement) {
          return new byte[] {(byte) Arrays.hashCode(statement)};
        }

        @Override
        public boolean fits(PeerId origin, byte[] statement, byte[] seal) {
          return Arrays.equals(seal, seal(statement));
        }
      };

  final Simulation simulation =
      Simulation.seeded(1).conditions(NetworkConditions.DEFAULT.withCodecShare(1));
  final SimulatedPeer honest = simulation.peer("honest");
  final SimulatedPeer stranger = simulation.peer("stranger");
  final SimulatedPeer sender = simulation.peer("origin");
  final PeerRef origin = sender.ref();
  final long base = Content.base(origin);

  /** What it has delivered, in order. */
  final List<String> delivered = new ArrayList<>();

  /** How many it has said to have missed, each time. */
  final List<Long> missed = new ArrayList<>();

  final Broadcaster machine;
  final Stranger raw;

  /** What its peer may send for the ring now. */
  int spendable = Integer.MAX_VALUE;

  /** Sends anything and notes what comes back. */
  static final class Stranger implements Machine {
    final Effects effects;
    final List<WireMessage> heard = new ArrayList<>();
    int downs;

    Stranger(Effects effects) {
      this.effects = effects;
    }

    @Override
    public void onMessage(long now, PeerRef from, WireMessage message) {
      heard.add(message);
    }

    @Override
    public void onLink(long now, PeerId peer, LinkEvent event) {
      downs += event == LinkEvent.DOWN ? 1 : 0;
    }
  }

  LoneBroadcaster() {
    machine =
        honest.host(
            new BroadcastCodec(),
            effects ->
                new Broadcaster(
                    effects,
                    BroadcastConfig.DEFAULT,
                    SEALS,
                    new BroadcastListener() {
                      @Override
                      public Optional<ErrorCode> onBroadcast(
                          PeerRef from, int topic, byte[] payload) {
                        delivered.add(new String(payload, java.nio.charset.StandardCharsets.UTF_8));
                        return Optional.empty();
                      }

                      @Override
                      public void onMissed(PeerId from, long count) {
                        missed.add(count);
                      }

                      @Override
                      public int spendable(long now) {
                        return spendable;
                      }
                    }));
    raw = stranger.host(new BroadcastCodec(), Stranger::new);
    // Alone at first, so that it waits for nobody's list.
    honest.publish(new RingView(honest.ref(), true, 1, List.of(), List.of(), List.of()));
    run(0.001);
  }

  void run(double seconds) {
    simulation.runFor(Duration.ofNanos((long) (seconds * 1e9)));
  }

  Content content(long number, long lowest, String text) {
    return content(origin, base + number, base + lowest, 0, 0, 1, text);
  }

  Content content(
      PeerRef from, long number, long lowest, long earlier, int part, int parts, String text) {
    byte[] payload = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    Content bare =
        new Content(from, number, lowest, earlier, TOPIC, part, parts, payload, new byte[0]);
    return bare.sealed(SEALS.seal(bare.statement()));
  }

  /** The process of the origin that starts after the one that the others speak of. */
  PeerRef next() {
    return new PeerRef(origin.id(), origin.endpoint(), origin.incarnation() + 1);
  }

  Arc leaf() {
    return Intervals.only(honest.id().position());
  }

  void task(Content content, Arc interval) {
    say(new Task(content, interval, 20 * SECOND));
  }

  void say(WireMessage message) {
    stranger.run(now -> raw.effects.send(honest.ref(), message));
    run(0.1);
  }

  void seesStranger(PeerRef... others) {
    List<PeerRef> known = new ArrayList<>(List.of(others));
    known.add(honest.ref());
    honest.publish(
        RingView.ofSorted(
            honest.ref(),
            true,
            2,
            List.of(stranger.ref()),
            List.of(stranger.ref()),
            SortedPeers.of(known)));
    run(0.001);
  }

  void seesStranger() {
    seesStranger(stranger.ref());
  }

  Content broadcastsWithin(long micros) {
    raw.heard.clear();
    honest.run(now -> machine.broadcast(now, TOPIC, new byte[1], now + micros, report -> {}));
    run(0.5);
    return raw.heard.stream()
        .filter(message -> message instanceof Task)
        .map(message -> ((Task) message).content())
        .findFirst()
        .orElseThrow();
  }
}
