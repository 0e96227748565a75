// Signs what this peer holds and has granted, for those who ask.
package dev.p2pkit.overlay.proof;

import dev.p2pkit.overlay.broadcast.BroadcastSeals;
import dev.p2pkit.overlay.lease.Deeds;
import dev.p2pkit.overlay.lease.GrantRecord;
import dev.p2pkit.overlay.lease.HeldArc;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.proof.ProofMessage.Near;
import dev.p2pkit.overlay.proof.ProofMessage.Prove;
import dev.p2pkit.overlay.proof.ProofMessage.Proven;
import dev.p2pkit.overlay.proof.ProofMessage.Vouch;
import dev.p2pkit.overlay.proof.ProofMessage.Vouched;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * The answering side. A signature costs some hundred microseconds, so each peer gets {@link
 * #QUESTIONS} answers a second, and all together {@link #SIGNATURES}; nothing is signed that nobody
 * has asked for.
 */
final class Attesting {
  /** Questions of one peer that are answered in a second. */
  static final int QUESTIONS = 32;

  /** Words about the arc before that its holder gets in a second. */
  static final int VOUCHERS = 128;

  /** Signatures in a second, for all. */
  static final int SIGNATURES = 256;

  /** How long a grantor may take (microseconds). */
  private static final long PATIENCE = 2_000_000;

  private static final int MOST_WAITING = 256;
  private static final int NEAR_AFTER = 3;

  /** Whom a grantor's word is for. */
  private record Name(PeerId asker, Key nonce) {}

  private record Waiting(PeerRef asker, Key key, PeerId grantor, long since) {}

  private final Deeds deeds;
  private final BroadcastSeals seals;
  private final Credentials credentials;
  private final BiConsumer<PeerRef, WireMessage> send;
  private final Map<Name, Waiting> waiting = new LinkedHashMap<>();
  private final Turns questions = new Turns(QUESTIONS, SIGNATURES);
  private final Turns vouchers = new Turns(VOUCHERS, SIGNATURES);
  private RingView view;
  long signed;
  long ignored;

  Attesting(
      RingView view,
      Deeds deeds,
      BroadcastSeals seals,
      Credentials credentials,
      BiConsumer<PeerRef, WireMessage> send) {
    this.view = view;
    this.deeds = deeds;
    this.seals = seals;
    this.credentials = credentials;
    this.send = send;
  }

  void view(RingView next) {
    view = next;
  }

  /** Somebody wants to know who owns a key. */
  void prove(long now, PeerRef from, Prove prove) {
    if (!questions.take(now, from.id())) {
      ignored++;
      return;
    }
    HeldArc held =
        deeds
            .held(now)
            .filter(arc -> prove.key().isIn(arc.from().position(), arc.holder().position()))
            .orElse(null);
    if (held == null) {
      send.accept(from, new Near(prove.nonce(), near(from.id(), prove.key())));
      return;
    }
    if (!prove.granted() || held.grantor().equals(held.holder())) {
      Grant grant =
          new Grant(
              from.id(),
              prove.nonce(),
              held.holder(),
              view.self().incarnation(),
              held.from(),
              held.epoch(),
              held.until() - now,
              held.holder());
      show(from, prove.key(), signed(grant));
      return;
    }
    waiting.values().removeIf(old -> expired(now, old));
    PeerRef grantor = view.find(held.grantor()).orElse(null);
    if (grantor == null || waiting.size() >= MOST_WAITING) {
      ignored++;
      return;
    }
    waiting.put(
        new Name(from.id(), prove.nonce()), new Waiting(from, prove.key(), grantor.id(), now));
    send.accept(grantor, new Vouch(from.id(), prove.nonce()));
  }

  private boolean expired(long now, Waiting old) {
    boolean expired = now - old.since() > PATIENCE;
    ignored += expired ? 1 : 0;
    return expired;
  }

  /** The holder of the arc before wants it attested. */
  void vouch(long now, PeerRef from, Vouch vouch) {
    if (!vouchers.take(now, from.id())) {
      ignored++;
      return;
    }
    Optional<SignedGrant> grant =
        deeds
            .granted(now)
            .filter(before -> before.holder().equals(from.id()))
            .filter(before -> before.incarnation() == from.incarnation())
            .map(before -> signed(grant(now, vouch, before)));
    send.accept(from, new Vouched(vouch.asker(), vouch.nonce(), grant));
  }

  private Grant grant(long now, Vouch vouch, GrantRecord before) {
    return new Grant(
        vouch.asker(),
        vouch.nonce(),
        before.holder(),
        before.incarnation(),
        before.lo().orElseThrow(),
        before.epoch(),
        before.until() - now,
        view.self().id());
  }

  private SignedGrant signed(Grant grant) {
    signed++;
    return new SignedGrant(grant, seals.seal(grant.statement()), credentials.own());
  }

  /** The grantor has spoken. */
  void vouched(long now, PeerRef from, Vouched vouched) {
    Waiting asked = waiting.remove(new Name(vouched.asker(), vouched.nonce()));
    if (asked == null || !asked.grantor().equals(from.id())) {
      ignored++;
      return;
    }
    vouched
        .grant()
        .ifPresentOrElse(grant -> show(asked.asker(), asked.key(), grant), () -> ignored++);
  }

  private void show(PeerRef asker, Key key, SignedGrant grant) {
    signed++;
    send.accept(asker, new Proven(key, grant, seals.seal(grant.statement(key))));
  }

  /** Those whom this peer takes for the owner and its neighbours, without the one that asks. */
  private List<PeerRef> near(PeerId asker, Key key) {
    List<PeerRef> found = new ArrayList<>();
    if (view.isExact(key)) {
      int at = view.indexAtOrAfter(key);
      int size = view.size();
      for (int i = 0; i < Math.min(size, ProofCodec.MOST_NEAR); i++) {
        int step = i < NEAR_AFTER ? i : NEAR_AFTER - 1 - i;
        PeerRef member = view.member(Math.floorMod(at + step, size));
        if (!found.contains(member)) {
          found.add(member);
        }
      }
    } else {
      found.addAll(view.towards(key, ProofCodec.MOST_NEAR));
    }
    found.removeIf(ref -> ref.id().equals(asker) || ref.id().equals(view.self().id()));
    return List.copyOf(found);
  }
}
