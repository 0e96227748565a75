// Sessions are found while owners come and go, in simulated networks.
package dev.p2pkit.peer.gateway.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.overlay.simulator.NetworkConditions;
import dev.p2pkit.overlay.simulator.SimulatedPeer;
import dev.p2pkit.overlay.simulator.Simulation;
import dev.p2pkit.peer.gateway.directory.DirectoryMessage.Found;
import dev.p2pkit.peer.gateway.directory.DirectoryMessage.Lookup;
import dev.p2pkit.peer.gateway.directory.DirectoryMessage.Register;
import dev.p2pkit.peer.gateway.directory.DirectoryMessage.Unregister;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SessionDirectoryTest {
  private final Map<SimulatedPeer, SessionDirectory> directories = new LinkedHashMap<>();
  private final List<Optional<PeerRef>> found = new ArrayList<>();
  private Simulation simulation = Simulation.seeded(1);
  private long version;

  private SimulatedPeer peer(String name) {
    SimulatedPeer peer = simulation.peer(name);
    host(peer);
    return peer;
  }

  private void host(SimulatedPeer peer) {
    directories.put(
        peer,
        peer.host(
            new DirectoryCodec(),
            effects -> new SessionDirectory(DirectoryConfig.DEFAULT, effects)));
  }

  private List<SimulatedPeer> peers(int count) {
    List<SimulatedPeer> peers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      peers.add(peer("peer-" + i));
    }
    agree(peers);
    return peers;
  }

  /** All peers that live learn of each other. */
  private void agree(List<SimulatedPeer> peers) {
    List<PeerRef> members =
        peers.stream().filter(SimulatedPeer::alive).map(SimulatedPeer::ref).toList();
    version++;
    for (SimulatedPeer peer : peers) {
      if (peer.alive()) {
        peer.publish(new RingView(peer.ref(), true, version, members, members, members));
      }
    }
  }

  private void attach(SimulatedPeer peer, Key session) {
    peer.run(now -> directories.get(peer).attach(now, session));
  }

  private void lookup(SimulatedPeer peer, Key session) {
    peer.run(now -> directories.get(peer).lookup(now, session, found::add));
  }

  private static SimulatedPeer owner(List<SimulatedPeer> peers, Key session) {
    List<PeerRef> members =
        peers.stream().filter(SimulatedPeer::alive).map(SimulatedPeer::ref).toList();
    PeerId id =
        new RingView(members.get(0), true, 1, members, members, members).owner(session).id();
    return peers.stream().filter(peer -> peer.id().equals(id)).findFirst().orElseThrow();
  }

  @Test
  void everyPeerFindsEverySession() {
    List<SimulatedPeer> peers = peers(20);
    simulation.runFor(Duration.ofMillis(10));
    for (int i = 0; i < 200; i++) {
      attach(peers.get(i % 20), Key.hash((long) i));
    }
    simulation.runFor(Duration.ofSeconds(1));
    for (int i = 0; i < 200; i++) {
      lookup(peers.get((i * 7 + 3) % 20), Key.hash((long) i));
      simulation.runFor(Duration.ofMillis(100));
      assertThat(found.get(i)).contains(peers.get(i % 20).ref());
    }
    assertThat(directories.values()).allMatch(directory -> directory.searches() == 0);
  }

  @Test
  void aSessionThatHasEndedOrNeverWasIsNotFound() {
    List<SimulatedPeer> peers = peers(5);
    Key session = Key.hash("gone");
    simulation.runFor(Duration.ofMillis(10));
    attach(peers.get(0), session);
    simulation.runFor(Duration.ofSeconds(1));
    peers.get(0).run(now -> directories.get(peers.get(0)).detach(now, session));
    simulation.runFor(Duration.ofSeconds(1));
    for (SimulatedPeer peer : peers) {
      lookup(peer, session);
      lookup(peer, Key.hash("never"));
    }
    simulation.runFor(Duration.ofSeconds(5));
    assertThat(found).hasSize(10).allMatch(Optional::isEmpty);
    assertThat(directories.values()).allMatch(directory -> directory.entries() == 0);
  }

  @Test
  void whenTheOwnerDiesTheNextOneKnows() {
    List<SimulatedPeer> peers = peers(10);
    simulation.runFor(Duration.ofMillis(10));
    Key session = Key.hash("here");
    SimulatedPeer owner = owner(peers, session);
    SimulatedPeer proxy = peers.stream().filter(peer -> peer != owner).findFirst().orElseThrow();
    attach(proxy, session);
    simulation.runFor(Duration.ofSeconds(1));
    SimulatedPeer asking =
        peers.stream().filter(peer -> peer != owner && peer != proxy).findFirst().orElseThrow();
    owner.kill();
    lookup(asking, session);
    simulation.runFor(Duration.ofMillis(100));
    agree(peers);
    simulation.runFor(Duration.ofSeconds(5));
    assertThat(found).containsExactly(Optional.of(proxy.ref()));
    assertThat(owner(peers, session)).isNotSameAs(owner);
  }

  @Test
  void whenAPeerJoinsAndBecomesTheOwnerNobodyMissesASession() {
    List<SimulatedPeer> peers = new ArrayList<>(peers(6));
    simulation.runFor(Duration.ofMillis(10));
    for (int i = 0; i < 60; i++) {
      attach(peers.get(i % 6), Key.hash((long) i));
    }
    simulation.runFor(Duration.ofSeconds(1));
    peers.add(peer("joiner"));
    agree(peers);
    for (int i = 0; i < 60; i++) {
      lookup(peers.get((i + 1) % 7), Key.hash((long) i));
    }
    simulation.runFor(Duration.ofSeconds(5));
    assertThat(found).hasSize(60).allMatch(Optional::isPresent);
  }

  @Test
  void theSessionsOfADeadProxyPeerAreForgotten() {
    List<SimulatedPeer> peers = peers(8);
    simulation.runFor(Duration.ofMillis(10));
    SimulatedPeer proxy = peers.get(3);
    for (int i = 0; i < 50; i++) {
      attach(proxy, Key.hash((long) i));
    }
    simulation.runFor(Duration.ofSeconds(1));
    proxy.kill();
    agree(peers);
    simulation.runFor(Duration.ofMillis(50));
    lookup(peers.get(0), Key.hash(7L));
    simulation.runFor(Duration.ofSeconds(20));
    assertThat(found).containsExactly(Optional.empty());
    for (SimulatedPeer peer : peers) {
      if (peer.alive()) {
        assertThat(directories.get(peer).entries()).isZero();
      }
    }
  }

  @Test
  void lossAndRepetitionDelayAnAnswerButDoNotFalsifyIt() {
    for (int seed = 0; seed < 20; seed++) {
      simulation = Simulation.seeded(seed);
      directories.clear();
      found.clear();
      simulation.conditions(
          NetworkConditions.DEFAULT
              .withLoss(0.2)
              .withLinkLoss(0.02)
              .withDuplication(0.1)
              .withCodecShare(1));
      List<SimulatedPeer> peers = peers(10);
      simulation.runFor(Duration.ofMillis(10));
      for (int i = 0; i < 30; i++) {
        attach(peers.get(i % 10), Key.hash((long) i));
      }
      simulation.runFor(Duration.ofSeconds(12));
      List<Optional<PeerRef>> expected = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        lookup(peers.get((i * 3 + 1) % 10), Key.hash((long) i));
        expected.add(Optional.of(peers.get(i % 10).ref()));
        simulation.runFor(Duration.ofSeconds(5));
      }
      assertThat(found).as("seed %d", seed).isEqualTo(expected);
    }
  }

  @Test
  void aRunIsReplayedFromItsSeed() {
    long first = run(77);
    assertThat(run(77)).isEqualTo(first);
    assertThat(run(78)).isNotEqualTo(first);
  }

  private long run(long seed) {
    simulation = Simulation.seeded(seed);
    directories.clear();
    version = 0;
    List<SimulatedPeer> peers = peers(5);
    for (int i = 0; i < 20; i++) {
      attach(peers.get(i % 5), Key.hash((long) i));
    }
    simulation.runFor(Duration.ofSeconds(10));
    return simulation.traceHash();
  }

  @Test
  void framesSurviveAndAnythingElseIsRefused() {
    DirectoryCodec codec = new DirectoryCodec();
    PeerRef proxy = new PeerRef(new PeerId(Key.of(5)), new Endpoint("h", 1), 7);
    for (DirectoryMessage message :
        List.of(
            new Register(List.of(Key.of(1), Key.of(2))),
            new Unregister(Key.of(1)),
            new Lookup(1, Key.of(1)),
            new Found(1, Optional.of(proxy)),
            new Found(1, Optional.empty()))) {
      WireWriter out = new WireWriter(64);
      codec.encode(message, out);
      int type = codec.typeOf(message);
      assertThat(codec.decode(type, new WireReader(out.toBytes()))).isEqualTo(message);
      for (int length = 0; length < out.size(); length++) {
        WireReader cut = new WireReader(out.array(), 0, length);
        assertThatThrownBy(() -> codec.decode(type, cut)).isInstanceOf(WireException.class);
      }
    }
    byte[] tooMany = new WireWriter(4).i32(Register.MOST + 1).toBytes();
    assertThatThrownBy(() -> codec.decode(0x80, new WireReader(tooMany)))
        .isInstanceOf(WireException.class);
    assertThatThrownBy(() -> codec.decode(0x8F, new WireReader(tooMany)))
        .isInstanceOf(WireException.class);
  }
}
