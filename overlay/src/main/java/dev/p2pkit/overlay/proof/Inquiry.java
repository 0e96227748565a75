// One question of this peer: who owns a key, and can prove it?
package dev.p2pkit.overlay.proof;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Asks for a proof, in rounds until one is right or the time is over. Where the own table is exact,
 * the owner that it names is asked, and the peer before the key whether it knows a nearer one. If
 * that gives no proof, and where the table is not exact, several peers are asked whom they know
 * near the key, each on a way of its own, and then those: a liar may name liars, but nobody's word
 * takes more than its turn, and of two proofs the one whose owner is nearer behind the key is
 * right. So one honest peer near the key is enough. In the same way the owner is found by its own
 * word alone, without its grantor's.
 */
final class Inquiry {
  /** How long a peer that is asked may take, its link included (microseconds). */
  static final long PATIENCE = 1_000_000;

  /** How long a proof waits for the word of the peer before the key. */
  private static final long WITNESS_PATIENCE = 500_000;

  /** The pause between two rounds. */
  private static final long PAUSE = 250_000;

  /** How many are asked at a time while there is no proof. */
  private static final int AT_ONCE = 4;

  /** How many are asked in a round. */
  private static final int MOST_ASKED = 32;

  private static final int MOST_KNOWN = 64;

  /** With so many answers a grantor's word counts where the own table is not exact. */
  private static final int ENOUGH_ANSWERS = 3;

  /** With so many the owner's own word counts, if nobody names a peer that is nearer. */
  private static final int ENOUGH_WITHOUT_GRANTOR = 6;

  private static final int SEEDS = 8;
  private static final int SEEDS_AFTER = 3;

  /** What an inquiry does. */
  interface Host {
    /** A number that nobody can guess. */
    Key nonce();

    /** Asks a peer. */
    void ask(PeerRef peer, Key nonce, Key key, boolean granted);
  }

  /** One who may be the owner or know it. */
  private static final class Candidate {
    final PeerRef ref;
    final PeerId source;
    boolean asked;
    boolean settled;
    long askedAt;

    Candidate(PeerRef ref, PeerId source) {
      this.ref = ref;
      this.source = source;
    }
  }

  final Key key;

  /** Whether the grantor's word is wanted. */
  final boolean granted;

  final long deadline;
  final List<Proofs.Answer> waiting = new ArrayList<>();
  private final Host host;
  private final Map<PeerId, Candidate> candidates = new LinkedHashMap<>();
  private final Set<PeerId> answered = new HashSet<>();
  private Key nonce = Key.ZERO;
  private long begunAt;
  private long pausedUntil;
  private int asked;
  private boolean narrow;
  private @Nullable Candidate witness;
  private @Nullable OwnerProof best;

  /** Why the last wrong proof was wrong; empty if there was none. */
  String objection = "";

  Inquiry(Key key, boolean granted, long deadline, Host host) {
    this.key = key;
    this.granted = granted;
    this.deadline = deadline;
    this.host = host;
  }

  Key nonce() {
    return nonce;
  }

  long begunAt() {
    return begunAt;
  }

  /** Begins a round. */
  void begin(long now, RingView view) {
    nonce = host.nonce();
    begunAt = now;
    pausedUntil = 0;
    asked = 0;
    best = null;
    candidates.clear();
    answered.clear();
    witness = null;
    narrow = granted && view.isExact(key) && view.joined();
    if (view.isExact(key)) {
      int at = view.indexAtOrAfter(key);
      int around = Math.min(view.size(), SEEDS_AFTER + 2);
      for (int i = 0; i < around; i++) {
        int step = i < SEEDS_AFTER ? i : SEEDS_AFTER - 1 - i;
        add(view.member(Math.floorMod(at + step, view.size())), view.self().id());
      }
      witness = candidates.get(view.member(Math.floorMod(at - 1, view.size())).id());
    } else {
      add(view.self(), view.self().id());
      view.towards(key, SEEDS).forEach(ref -> add(ref, ref.id()));
    }
  }

  private void add(PeerRef ref, PeerId source) {
    if (candidates.size() < MOST_KNOWN) {
      candidates.putIfAbsent(ref.id(), new Candidate(ref, source));
    }
  }

  /** A peer has named others. */
  void near(PeerRef from, List<PeerRef> named) {
    if (settle(from.id())) {
      named.forEach(ref -> add(ref, from.id()));
    }
  }

  /** A peer has shown a proof that is right. */
  void proven(OwnerProof proof) {
    if (settle(proof.owner().id())) {
      OwnerProof other = best;
      if (other == null || ahead(proof.owner()).compareTo(ahead(other.owner())) < 0) {
        best = proof;
      }
    }
  }

  /** A peer has shown a proof that is wrong. */
  void wrong(PeerRef from, String why) {
    if (settle(from.id())) {
      objection = "peer " + from.id().shortText() + ": " + why;
    }
  }

  /** Whether the answer of a peer is waited for; it has come then. */
  private boolean settle(PeerId from) {
    Candidate candidate = candidates.get(from);
    if (candidate == null || !candidate.asked || !answered.add(from)) {
      return false;
    }
    candidate.settled = true;
    return true;
  }

  private Key ahead(PeerRef ref) {
    return key.distanceTo(ref.id().position());
  }

  private Key distance(PeerRef ref) {
    Key behind = ref.id().position().distanceTo(key);
    Key ahead = ahead(ref);
    return ahead.compareTo(behind) <= 0 ? ahead : behind;
  }

  /** Goes on; the proof, if the question is answered. */
  @Nullable OwnerProof advance(long now, RingView view) {
    if (pausedUntil > 0) {
      if (now < pausedUntil) {
        return null;
      }
      begin(now, view);
    }
    for (Candidate candidate : candidates.values()) {
      candidate.settled |= candidate.asked && now - candidate.askedAt >= patience(candidate);
    }
    OwnerProof found = found();
    if (found != null) {
      return found;
    }
    askOn(now);
    found = found();
    if (found == null && inFlight() == 0) {
      pausedUntil = now + PAUSE;
    }
    return found;
  }

  private long patience(Candidate candidate) {
    return narrow && best != null && candidate == witness ? WITNESS_PATIENCE : PATIENCE;
  }

  private @Nullable OwnerProof found() {
    OwnerProof proof = best;
    Candidate before = witness;
    boolean unheard = narrow && before != null && !before.settled;
    if (proof == null
        || unheard
        || candidates.values().stream().anyMatch(each -> isRival(each, proof))) {
      return null;
    }
    int wanted = granted ? ENOUGH_ANSWERS : ENOUGH_WITHOUT_GRANTOR;
    boolean enough = narrow || answered.size() >= wanted;
    return enough || (inFlight() == 0 && next() == null) ? proof : null;
  }

  /** Whether one that has not spoken yet may be nearer behind the key than who has a proof. */
  private boolean isRival(Candidate candidate, OwnerProof proof) {
    return !candidate.settled && ahead(candidate.ref).compareTo(ahead(proof.owner())) < 0;
  }

  private void askOn(long now) {
    OwnerProof proof = best;
    if (narrow && proof == null) {
      Candidate owner = candidates.values().iterator().next();
      Candidate before = witness;
      if (!owner.asked) {
        ask(now, owner);
        if (before != null && !before.asked) {
          ask(now, before);
        }
      }
      narrow = !owner.settled;
      if (narrow) {
        return;
      }
    }
    if (proof != null) {
      for (Candidate candidate : candidates.values()) {
        if (!candidate.asked && asked < MOST_ASKED && isRival(candidate, proof)) {
          ask(now, candidate);
        }
      }
    }
    Candidate next = narrow ? null : next();
    while (next != null && inFlight() < AT_ONCE) {
      ask(now, next);
      next = next();
    }
  }

  private void ask(long now, Candidate candidate) {
    candidate.asked = true;
    candidate.askedAt = now;
    asked++;
    host.ask(candidate.ref, nonce, key, granted);
  }

  /** Whom to ask next: whose source has had the fewest turns, then who is nearest. */
  private @Nullable Candidate next() {
    if (asked >= MOST_ASKED) {
      return null;
    }
    Candidate next = null;
    long turns = 0;
    for (Candidate candidate : candidates.values()) {
      if (candidate.asked) {
        continue;
      }
      long had = turnsOf(candidate.source);
      if (next == null
          || had < turns
          || (had == turns && distance(candidate.ref).compareTo(distance(next.ref)) < 0)) {
        next = candidate;
        turns = had;
      }
    }
    return next;
  }

  private long turnsOf(PeerId source) {
    return candidates.values().stream()
        .filter(each -> each.asked && each.source.equals(source))
        .count();
  }

  private long inFlight() {
    return candidates.values().stream().filter(each -> each.asked && !each.settled).count();
  }

  /** When {@link #advance} is to be called again at the latest. */
  long wakeAt() {
    long wake = deadline;
    if (pausedUntil > 0) {
      return Math.min(wake, pausedUntil);
    }
    for (Candidate candidate : candidates.values()) {
      if (candidate.asked && !candidate.settled) {
        wake = Math.min(wake, candidate.askedAt + patience(candidate));
      }
    }
    return wake;
  }
}
