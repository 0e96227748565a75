// A simulated peer with a ring machine, and what it has heard.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.simulator.SimulatedPeer;
import dev.p2pkit.overlay.simulator.SimulatedSeals;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

final class RingPeer implements RingListener {
  final SimulatedPeer process;
  final RingConfig config;
  RingMachine ring;
  final List<NetworkEvent> events = new ArrayList<>();
  final List<String> broadcasts = new ArrayList<>();
  boolean joined;
  boolean left;
  Optional<Endpoint> supersededBy = Optional.empty();
  Optional<ErrorCode> failure = Optional.empty();
  String failureDetail = "";

  /** Views in which the peer was joined but the table incomplete, at the moment of joining. */
  RingView viewWhenJoined;

  private final Optional<FormedRing> formed;

  RingPeer(SimulatedPeer process, RingConfig config) {
    this(process, config, Optional.empty());
  }

  RingPeer(SimulatedPeer process, RingConfig config, Optional<FormedRing> formed) {
    this.formed = formed;
    this.process = process;
    this.config = config;
    boot();
  }

  /** Hosts a new machine, after the start or restart of the process. */
  void boot() {
    SimulatedSeals seals = new SimulatedSeals(process.id());
    joined = false;
    left = false;
    ring =
        process.host(
            RingMachine.codecs(),
            effects ->
                formed
                    .map(within -> RingMachine.within(within, config, effects, this, seals))
                    .orElseGet(() -> new RingMachine(config, effects, this, seals)));
  }

  PeerId id() {
    return process.id();
  }

  PeerRef ref() {
    return process.ref();
  }

  void create() {
    process.run(ring::create);
  }

  void join(RingPeer... contacts) {
    List<PeerRef> refs = Arrays.stream(contacts).map(RingPeer::ref).toList();
    process.run(now -> ring.join(now, refs));
  }

  void leave() {
    process.run(ring::leave);
  }

  /** Whether it would serve this key at this moment, being strict about it. */
  boolean owns(Key key) {
    return !process.paused() && ring.view().owns(key, process.now());
  }

  /** Whether it should be in the ring: its process lives and it has joined and not left. */
  boolean member() {
    return process.alive() && joined && !left;
  }

  @Override
  public void onView(RingView view) {
    process.publish(view);
  }

  @Override
  public void onEvent(NetworkEvent event) {
    events.add(event);
  }

  @Override
  public void onJoined() {
    joined = true;
    viewWhenJoined = ring.view();
  }

  @Override
  public void onJoinFailed(ErrorCode code, String detail) {
    failure = Optional.of(code);
    failureDetail = detail;
  }

  @Override
  public void onSuperseded(Endpoint by) {
    supersededBy = Optional.of(by);
  }

  @Override
  public void onLeft() {
    left = true;
  }

  @Override
  public Optional<ErrorCode> onBroadcast(PeerRef origin, int topic, byte[] payload) {
    broadcasts.add(origin.id().shortText() + ":" + topic + ":" + payload.length);
    return Optional.empty();
  }

  @Override
  public String toString() {
    return id().shortText();
  }
}
