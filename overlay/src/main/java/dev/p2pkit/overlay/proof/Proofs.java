// Proofs of who owns a key, as a machine: asks for them, checks them, and gives them to others.
package dev.p2pkit.overlay.proof;

import dev.p2pkit.overlay.broadcast.BroadcastSeals;
import dev.p2pkit.overlay.lease.Deeds;
import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.Machine;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.proof.ProofMessage.Near;
import dev.p2pkit.overlay.proof.ProofMessage.Prove;
import dev.p2pkit.overlay.proof.ProofMessage.Proven;
import dev.p2pkit.overlay.proof.ProofMessage.Vouch;
import dev.p2pkit.overlay.proof.ProofMessage.Vouched;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The owner of a key shows, to who asks, what its grantor attests: that it holds the lease of the
 * arc, with this epoch, for that long. Both sign the asker's nonce, so that no older proof can be
 * shown again; nothing is signed unless somebody asks.
 *
 * <p>A proof says that the owner and the peer after it agree on who serves the key, and that
 * neither lies about who it is. Two neighbours on the ring that lie together can still prove what
 * is not so, within an arc of a length that is common in the ring.
 */
public final class Proofs implements Machine {
  private static final long TIMER = 1;

  /** A proof is used for no longer than that (microseconds): the length of a lease. */
  private static final long LONGEST_USE = 4_000_000;

  /** Questions that may be open at once. */
  private static final int MOST_OPEN = 1_024;

  /** Proofs that are kept while they hold. */
  private static final int MOST_KEPT = 1_024;

  private record Question(Key key, boolean granted) {}

  /** Hears what became of a question, once; must not call back. */
  public interface Answer {
    /** Somebody has proved to own the key. */
    void proven(OwnerProof proof);

    /**
     * Nobody has.
     *
     * @param code BAD_SIGNATURE if a proof was shown that is wrong, NOT_READY if none came in time,
     *     BUSY if too many questions are open
     */
    void failed(ErrorCode code, String detail);
  }

  private final Effects effects;
  private final BroadcastSeals seals;
  private final Credentials credentials;
  private final Attesting attesting;
  private final Inquiry.Host host;
  private final Map<Question, Inquiry> open = new LinkedHashMap<>();
  private final TreeMap<PeerId, OwnerProof> kept = new TreeMap<>();

  /** Questions to which something has happened in this step. */
  private final Set<Inquiry> touched = new LinkedHashSet<>();

  /** What this peer has said to itself in this step. */
  private final ArrayDeque<WireMessage> toSelf = new ArrayDeque<>();

  private @Nullable RingView view;
  private long timerAt = Long.MAX_VALUE;
  private long accepted;
  private long refused;
  private long stray;

  /**
   * The proofs of one peer.
   *
   * @param deeds what its leases say
   * @param seals signs as this peer, and checks signatures
   * @param nonces numbers that others cannot guess
   */
  public Proofs(
      Effects effects,
      Deeds deeds,
      BroadcastSeals seals,
      Credentials credentials,
      LongSupplier nonces) {
    this.effects = effects;
    this.seals = seals;
    this.credentials = credentials;
    attesting =
        new Attesting(RingView.outside(effects.self()), deeds, seals, credentials, this::send);
    host =
        new Inquiry.Host() {
          @Override
          public Key nonce() {
            return new Key(nonces.getAsLong(), nonces.getAsLong());
          }

          @Override
          public void ask(PeerRef peer, Key nonce, Key key, boolean granted) {
            send(peer, new Prove(nonce, key, granted));
          }
        };
  }

  private void send(PeerRef to, WireMessage message) {
    if (to.id().equals(effects.self().id())) {
      toSelf.add(message);
    } else {
      effects.send(to, message);
    }
  }

  private RingView view() {
    RingView latest = view;
    return latest == null ? RingView.outside(effects.self()) : latest;
  }

  /**
   * Asks who owns a key and can prove it. A proof that was got a moment ago and still holds is
   * given at once.
   *
   * @param granted whether the grantor must have attested it; else the owner's own word does, where
   *     several peers around the key know none that is nearer
   * @param life how long to try, in microseconds
   */
  public void prove(long now, Key key, boolean granted, long life, Answer answer) {
    Map.Entry<PeerId, OwnerProof> known = kept.ceilingEntry(new PeerId(key));
    OwnerProof likely =
        known == null ? (kept.isEmpty() ? null : kept.firstEntry().getValue()) : known.getValue();
    if (likely != null && likely.covers(key, now) && (likely.isGranted() || !granted)) {
      answer.proven(likely);
      return;
    }
    Question question = new Question(key, granted);
    Inquiry inquiry = open.get(question);
    if (inquiry == null) {
      if (open.size() >= MOST_OPEN) {
        answer.failed(ErrorCode.BUSY, open.size() + " questions for proofs are open");
        return;
      }
      inquiry = new Inquiry(key, granted, now + life, host);
      open.put(question, inquiry);
      inquiry.begin(now, view());
    }
    inquiry.waiting.add(answer);
    touched.add(inquiry);
    settle(now);
  }

  /** What a peer has proved is not used any more: it has said itself that it is not so now. */
  public void forget(PeerId owner) {
    kept.remove(owner);
  }

  /** Counters; other threads may see them a moment late. */
  public ProofStatistics statistics() {
    return new ProofStatistics(attesting.signed, accepted, refused, attesting.ignored, stray);
  }

  @Override
  public void onView(long now, RingView next) {
    view = next;
    attesting.view(next);
  }

  @Override
  public void onTimer(long now, long token) {
    timerAt = Long.MAX_VALUE;
    touched.addAll(open.values());
    settle(now);
  }

  @Override
  public void onMessage(long now, PeerRef from, WireMessage message) {
    take(now, from, message);
    settle(now);
  }

  private void take(long now, PeerRef from, WireMessage message) {
    if (message instanceof Prove prove) {
      attesting.prove(now, from, prove);
    } else if (message instanceof Vouch vouch) {
      attesting.vouch(now, from, vouch);
    } else if (message instanceof Vouched vouched) {
      attesting.vouched(now, from, vouched);
    } else if (message instanceof Proven proven) {
      proven(from, proven);
    } else if (message instanceof Near near) {
      near(from, near);
    }
  }

  private void near(PeerRef from, Near near) {
    Inquiry inquiry = find(near.nonce());
    if (inquiry == null) {
      stray++;
    } else {
      inquiry.near(from, near.peers());
      touched.add(inquiry);
    }
  }

  private @Nullable Inquiry find(Key nonce) {
    for (Inquiry inquiry : open.values()) {
      if (inquiry.nonce().equals(nonce)) {
        return inquiry;
      }
    }
    return null;
  }

  private void proven(PeerRef from, Proven proven) {
    Grant grant = proven.grant().grant();
    Inquiry inquiry = find(grant.nonce());
    if (inquiry == null) {
      stray++;
      return;
    }
    touched.add(inquiry);
    Verification verification = new Verification(view(), effects.self().id(), seals, credentials);
    Optional<String> objection = verification.objection(from, inquiry, proven);
    if (objection.isPresent()) {
      refused++;
      inquiry.wrong(from, objection.get());
      return;
    }
    accepted++;
    // The lease had this long to run after the question had left.
    long until = inquiry.begunAt() + Math.min(LONGEST_USE, grant.remaining());
    inquiry.proven(new OwnerProof(from, grant.from(), grant.epoch(), grant.grantor(), until));
  }

  /** The end of a step: what was said to itself, what has been answered, the timer. */
  private void settle(long now) {
    long wake = Long.MAX_VALUE;
    while (!touched.isEmpty() || !toSelf.isEmpty()) {
      for (WireMessage next = toSelf.poll(); next != null; next = toSelf.poll()) {
        take(now, effects.self(), next);
      }
      List<Inquiry> present = List.copyOf(touched);
      touched.clear();
      for (Inquiry inquiry : present) {
        wake = Math.min(wake, advance(now, inquiry));
      }
    }
    if (wake < timerAt) {
      timerAt = wake;
      effects.timer(TIMER, wake);
    }
  }

  /** Goes on with a question; when to look at it again. */
  private long advance(long now, Inquiry inquiry) {
    OwnerProof proof = inquiry.advance(now, view());
    if (proof != null) {
      open.remove(new Question(inquiry.key, inquiry.granted));
      keep(now, proof);
      inquiry.waiting.forEach(each -> each.proven(proof));
      return Long.MAX_VALUE;
    }
    if (now < inquiry.deadline) {
      return inquiry.wakeAt();
    }
    open.remove(new Question(inquiry.key, inquiry.granted));
    boolean wrong = !inquiry.objection.isEmpty();
    String detail =
        "no peer has proved to own key " + inquiry.key + (wrong ? "; " + inquiry.objection : "");
    ErrorCode code = wrong ? ErrorCode.BAD_SIGNATURE : ErrorCode.NOT_READY;
    inquiry.waiting.forEach(each -> each.failed(code, detail));
    return Long.MAX_VALUE;
  }

  private void keep(long now, OwnerProof proof) {
    if (kept.size() >= MOST_KEPT) {
      kept.values().removeIf(old -> old.until() <= now);
    }
    if (kept.size() < MOST_KEPT) {
      kept.put(proof.owner().id(), proof);
    }
  }
}
