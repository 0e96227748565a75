// A peer that proves what is not so, with others that lie with it; for simulations of attacks.
package dev.p2pkit.overlay.proof;

import dev.p2pkit.overlay.broadcast.BroadcastSeals;
import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.Machine;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.proof.ProofMessage.Near;
import dev.p2pkit.overlay.proof.ProofMessage.Prove;
import dev.p2pkit.overlay.proof.ProofMessage.Proven;
import dev.p2pkit.overlay.proof.ProofMessage.Vouch;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.function.Function;

/**
 * Proves its own keys as it should. Asked for others it claims them, with the next liar for its
 * grantor, or names liars only; it vouches for nobody.
 */
public final class LyingProofs implements Machine {
  private static final Key ONE_BEFORE = new Key(-1, -1);
  private static final long LEASE = 4_000_000;

  private final Proofs honest;
  private final Effects effects;
  private final NavigableMap<PeerId, PeerRef> liars;
  private final Function<PeerId, BroadcastSeals> seals;
  private RingView view;

  /**
   * A liar.
   *
   * @param liars all that lie together, this one among them
   * @param seals signs as one of them
   */
  public LyingProofs(
      Proofs honest,
      Effects effects,
      NavigableMap<PeerId, PeerRef> liars,
      Function<PeerId, BroadcastSeals> seals) {
    this.honest = honest;
    this.effects = effects;
    this.liars = liars;
    this.seals = seals;
    view = RingView.outside(effects.self());
  }

  @Override
  public void start(long now) {
    honest.start(now);
  }

  @Override
  public void onMessage(long now, PeerRef from, WireMessage message) {
    if (message instanceof Prove prove && !view.owns(prove.key(), now)) {
      if (effects.random().nextBoolean()) {
        claim(from, prove);
      } else {
        effects.send(from, new Near(prove.nonce(), behind(prove.key())));
      }
    } else if (!(message instanceof Vouch)) {
      honest.onMessage(now, from, message);
    }
  }

  private void claim(PeerRef asker, Prove prove) {
    PeerId self = effects.self().id();
    PeerId grantor = prove.granted() ? next(self).id() : self;
    Grant grant =
        new Grant(
            asker.id(),
            prove.nonce(),
            self,
            effects.self().incarnation(),
            new PeerId(prove.key().plus(ONE_BEFORE)),
            1,
            LEASE,
            grantor);
    SignedGrant signed =
        new SignedGrant(grant, seals.apply(grantor).seal(grant.statement()), new byte[0]);
    byte[] own = seals.apply(self).seal(signed.statement(prove.key()));
    effects.send(asker, new Proven(prove.key(), signed, own));
  }

  private PeerRef next(PeerId after) {
    Map.Entry<PeerId, PeerRef> next = liars.higherEntry(after);
    return next == null ? liars.firstEntry().getValue() : next.getValue();
  }

  /** The liars that come next behind a key. */
  private List<PeerRef> behind(Key key) {
    List<PeerRef> named = new ArrayList<>();
    PeerRef next = next(new PeerId(key));
    while (named.size() < ProofCodec.MOST_NEAR && !named.contains(next)) {
      named.add(next);
      next = next(next.id());
    }
    return named;
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
