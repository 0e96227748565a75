// What the ring machine of a peer says, passed on to where it matters.
package dev.p2pkit.overlay.peer;

import dev.p2pkit.overlay.machine.ArcMemory;
import dev.p2pkit.overlay.machine.Holding;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.ring.RingListener;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.OwnershipMode;
import dev.p2pkit.sdk.PeerId;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Hears the ring; on the control thread, inside of the ring machine. Therefore whoever may call
 * back hears of it in a call of its own, after the machine has returned. The links follow the view
 * at once: those to neighbours are kept, those to the dead are abandoned.
 */
final class RingNews implements RingListener {
  private final ControlLoop loop;
  private final OverlayListener listener;
  private final Links links;
  private final DataPlane data;
  private final PendingJoin joining;
  private final CompletableFuture<Void> left;
  private final boolean observer;
  private final Consumer<RingView> publish;

  /** Whom the ring has found dead since its last view. */
  private final Set<PeerId> failed = new TreeSet<>();

  /**
   * Passes news on.
   *
   * @param left completed once the neighbours have taken over
   * @param observer whether this peer stays outside of the ring
   * @param publish gets each view of a peer that does not
   */
  RingNews(
      ControlLoop loop,
      OverlayListener listener,
      Links links,
      DataPlane data,
      PendingJoin joining,
      CompletableFuture<Void> left,
      boolean observer,
      Consumer<RingView> publish) {
    this.loop = loop;
    this.listener = listener;
    this.links = links;
    this.data = data;
    this.joining = joining;
    this.left = left;
    this.observer = observer;
    this.publish = publish;
  }

  @Override
  public void onView(RingView next) {
    if (observer) {
      // What an observer knows of the ring is told by its proxy.
      return;
    }
    abandonDead(next);
    keepNeighbours(next);
    publish.accept(next);
  }

  /**
   * A link to a dead host looks as if it were up until its time is over. Whoever waits for an
   * answer on it need not wait that long.
   */
  private void abandonDead(RingView next) {
    for (PeerId id : failed) {
      if (next.find(id).isEmpty()) {
        links.transport().abandon(id);
      }
    }
    failed.clear();
  }

  private void keepNeighbours(RingView next) {
    Set<PeerId> neighbours = new TreeSet<>();
    next.successors().forEach(ref -> neighbours.add(ref.id()));
    next.predecessors().forEach(ref -> neighbours.add(ref.id()));
    links.transport().keep(neighbours);
  }

  @Override
  public void onEvent(NetworkEvent event) {
    if (event instanceof NetworkEvent.PeerFailed dead) {
      failed.add(dead.peer());
    }
    loop.run(now -> listener.onEvent(event));
  }

  @Override
  public void onHolding(OwnershipMode mode, Holding.Tenure before, Holding.Tenure now) {
    listener.onHolding(mode, before, now);
  }

  @Override
  public ArcMemory arcMemory() {
    return data.arcMemory();
  }

  @Override
  public void onJoined() {
    joining.succeeded();
  }

  @Override
  public void onJoinFailed(ErrorCode code, String detail) {
    joining.failed(code, detail);
  }

  @Override
  public boolean believesHearsay() {
    // The transport hears of a rival with that one's signature.
    return false;
  }

  @Override
  public void onLeft() {
    loop.run(now -> left.complete(null));
  }

  @Override
  public Optional<ErrorCode> onBroadcast(PeerRef origin, int topic, byte[] payload) {
    return listener.onBroadcast(origin, topic, payload);
  }
}
