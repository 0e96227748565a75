// One peer of a world: its ring, its router, and what it tells.
package dev.p2pkit.overlay.simulator.scenario;

import dev.p2pkit.overlay.machine.ArcMemory;
import dev.p2pkit.overlay.machine.Holding;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.proof.Proofs;
import dev.p2pkit.overlay.proof.ProvenSend;
import dev.p2pkit.overlay.ring.RingListener;
import dev.p2pkit.overlay.ring.RingMachine;
import dev.p2pkit.overlay.routing.Draft;
import dev.p2pkit.overlay.routing.Inbound;
import dev.p2pkit.overlay.routing.Outcome;
import dev.p2pkit.overlay.routing.Router;
import dev.p2pkit.overlay.routing.RouterListener;
import dev.p2pkit.overlay.simulator.SimulatedPeer;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.OwnershipMode;
import dev.p2pkit.sdk.PeerId;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One peer of a world. Takes messages at once and answers them at once. */
final class Node implements RingListener, RouterListener, ProvenSend.Host {
  private static final int NOWHERE = -1;

  private final World world;
  final SimulatedPeer process;
  private @Nullable RingMachine ring;
  private @Nullable Router router;
  private @Nullable Proofs proofs;

  /** Whether it drops what it should pass on, and lies. */
  boolean lies;

  /** Whether it is in the ring, as it was told, and has not been asked to leave. */
  boolean leaving;

  boolean member;

  /** Its place among the members. */
  int place = NOWHERE;

  long joinBegan;
  long linkedAt;
  Holding.Tenure tenure = Holding.Tenure.NONE;

  /** Whose lists the oracle of shape has seen. */
  @Nullable RingView view;

  Node(World world, SimulatedPeer process) {
    this.world = world;
    this.process = process;
  }

  int index() {
    return process.index();
  }

  PeerId id() {
    return process.id();
  }

  RingMachine ring() {
    return Objects.requireNonNull(ring, "booted before it is used");
  }

  Router router() {
    return Objects.requireNonNull(router, "booted before it is used");
  }

  boolean hasRouter() {
    return router != null;
  }

  void boot(RingMachine machine, @Nullable Router data, @Nullable Proofs proving) {
    ring = machine;
    router = data;
    proofs = proving;
    member = false;
    tenure = Holding.Tenure.NONE;
    view = null;
    linkedAt = 0;
  }

  /** Its process has ended: what its machines held is gone with them. */
  void halt() {
    ring = null;
    view = null;
    router = null;
    proofs = null;
  }

  /** The ring as it sees it, if it lives. */
  @Nullable RingView view() {
    return ring == null || !process.alive() ? null : ring.view();
  }

  /** What it may serve now, if it is in a ring. */
  Holding.Tenure tenure(OwnershipMode mode) {
    if (ring == null || !process.alive()) {
      return Holding.Tenure.NONE;
    }
    RingView view = ring.view();
    return view.joined() ? view.holding().tenure(mode) : Holding.Tenure.NONE;
  }

  @Override
  public void onView(RingView view) {
    if (router != null || proofs != null) {
      process.publish(view);
    }
  }

  @Override
  public void onEvent(NetworkEvent event) {
    world.event(this, event);
  }

  @Override
  public boolean believesHearsay() {
    // Where there are liars, as on sockets: a link would bring the rival's signature.
    return !world.hasLiars();
  }

  @Override
  public OwnershipMode mode(String accessPoint) {
    return world.mode();
  }

  @Override
  public ArcMemory arcMemory() {
    return router == null ? ArcMemory.NONE : router.arcMemory(process.now());
  }

  @Override
  public void onJoined() {
    world.joined(this);
  }

  @Override
  public void onJoinFailed(ErrorCode code, String detail) {
    world.joinFailed(this, code, detail);
  }

  @Override
  public void onLeft() {
    world.left(this);
  }

  @Override
  public Optional<ErrorCode> onBroadcast(PeerRef origin, int topic, byte[] payload) {
    world.casts().reached(this, payload);
    return Optional.empty();
  }

  @Override
  public long now() {
    return process.now();
  }

  @Override
  public void prove(Key key, boolean granted, long life, Proofs.Answer answer) {
    later(() -> Objects.requireNonNull(proofs).prove(now(), key, granted, life, answer));
  }

  @Override
  public void forget(PeerId owner) {
    later(() -> Objects.requireNonNull(proofs).forget(owner));
  }

  @Override
  public void open(Draft draft, Consumer<Outcome> whenDone) {
    later(
        () -> {
          long unused = router().open(now(), draft, whenDone);
        });
  }

  /** After the present step, if this process lives then. */
  private void later(Runnable action) {
    int life = process.life();
    process.later(
        now -> {
          if (process.alive() && process.life() == life) {
            action.run();
          }
        });
  }

  @Override
  public void deliver(Inbound inbound) {
    world.workload().processed(this, inbound.envelope().body());
    router().complete(process.now(), inbound, new Outcome.Acknowledged(process.id(), true, 0));
  }

  @Override
  public String toString() {
    return process.id().shortText();
  }
}
