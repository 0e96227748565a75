// A router that lies, for simulations of attacks; no real peer hosts it.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.Machine;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.routing.RoutedFrame.Arc;
import dev.p2pkit.overlay.routing.RoutedFrame.KeyQuery;
import dev.p2pkit.overlay.routing.RoutedFrame.Returned;
import dev.p2pkit.overlay.routing.RoutedFrame.Routed;
import dev.p2pkit.overlay.routing.RoutedFrame.Taken;
import dev.p2pkit.overlay.routing.RoutingFrame.Answer;
import dev.p2pkit.overlay.routing.RoutingFrame.Query;
import dev.p2pkit.overlay.routing.RoutingFrame.Verdict;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.List;
import java.util.Optional;

/**
 * Serves its own keys as it should. Of everything that it should pass on it passes on nothing: it
 * tells the origin that the message was processed, as the owner or in the owner's name, and claims
 * the arc that holds the key.
 */
public final class LyingRouter implements Machine {
  private static final long CLAIMED = 3_600_000_000L;
  private static final Key ONE_BEFORE = new Key(-1, -1);

  private final Router honest;
  private final Effects effects;
  private RingView view;

  /** A router around an honest one with the same effects. */
  public LyingRouter(Router honest, Effects effects) {
    this.honest = honest;
    this.effects = effects;
    view = RingView.outside(effects.self());
  }

  private boolean isSelf(PeerId peer) {
    return peer.equals(effects.self().id());
  }

  @Override
  public void start(long now) {
    honest.start(now);
  }

  @Override
  public void onMessage(long now, PeerRef from, WireMessage message) {
    if (message instanceof Envelope envelope) {
      boolean own = !envelope.byKey() || view.owns(envelope.target(), now);
      if (isSelf(envelope.pinned()) && own) {
        honest.onMessage(now, from, message);
      } else {
        effects.send(
            from,
            processed(envelope.origin(), envelope.pinned(), envelope.id(), envelope.attempt()));
      }
    } else if (message instanceof Routed routed) {
      arrived(now, from, routed);
    } else if (message instanceof KeyQuery query && !view.owns(query.target(), now)) {
      Answer answer = processed(query.origin(), effects.self().id(), query.id(), query.attempt());
      back(from, answer, 0, query.target(), query.path());
    } else if (!isForAnother(message)) {
      honest.onMessage(now, from, message);
    }
  }

  private boolean isForAnother(WireMessage message) {
    return (message instanceof Answer answer && !isSelf(answer.to()))
        || (message instanceof Query query && !isSelf(query.to()))
        || (message instanceof Returned returned && !isSelf(returned.answer().to()));
  }

  private void arrived(long now, PeerRef from, Routed routed) {
    Envelope envelope = routed.envelope();
    if (view.owns(envelope.target(), now)) {
      honest.onMessage(now, from, routed);
      return;
    }
    effects.send(
        from,
        new Taken(
            envelope.origin(),
            envelope.id(),
            envelope.attempt(),
            routed.copy(),
            true,
            routed.stamp(),
            now));
    Answer answer =
        processed(envelope.origin(), effects.self().id(), envelope.id(), envelope.attempt());
    back(from, answer, routed.copy(), envelope.target(), routed.path());
  }

  private void back(PeerRef from, Answer answer, int copy, Key target, List<PeerId> path) {
    Arc claim = new Arc(effects.self(), target.plus(ONE_BEFORE), 1, CLAIMED);
    List<PeerId> rest = path.isEmpty() ? path : List.copyOf(path.subList(0, path.size() - 1));
    effects.send(from, new Returned(answer, copy, false, 1, Optional.of(claim), rest));
  }

  private static Answer processed(PeerId origin, PeerId owner, long id, int attempt) {
    return new Answer(
        origin,
        owner,
        id,
        attempt,
        Verdict.PROCESSED,
        0,
        ErrorCode.PROTOCOL_ERROR,
        Optional.empty(),
        new byte[0]);
  }

  @Override
  public void onLink(long now, PeerId peer, LinkEvent event) {
    honest.onLink(now, peer, event);
  }

  @Override
  public void onTimer(long now, long token) {
    honest.onTimer(now, token);
  }

  @Override
  public void onView(long now, RingView next) {
    view = next;
    honest.onView(now, next);
  }
}
