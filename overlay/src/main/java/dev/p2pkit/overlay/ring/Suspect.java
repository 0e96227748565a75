// A peer under investigation, and what was found so far.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.PeerId;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** A peer under investigation by this one, and what was found so far. */
final class Suspect {
  final PeerRef ref;
  final long nonce;

  /** Whether it is suspected for what it did, not because of another suspect. */
  final boolean ofItself;

  long quietSince;
  int tries;

  /** When a witness answered last, whatever it said: then this peer was not cut off. */
  private long answeredAt = Long.MIN_VALUE;

  /** When a witness last had something to say. */
  private long foundAt = Long.MIN_VALUE;

  /** Whether its long silence was reason to ask all neighbours. */
  boolean spread;

  /** Whether a witness was told by its host that it is gone. */
  boolean gone;

  /** Whether others suspect it too: what it owes is no fault of this peer. */
  boolean shared;

  /** Whether the present wait was spoilt by this process standing still. */
  boolean excused;

  long nextAt;
  long askAgainAt;

  /** For how long it was not asked because others came first. */
  private long passedOver;

  private long passedOverSince = Long.MAX_VALUE;

  /** Those asked that have not answered. */
  private final TreeSet<PeerId> waiting = new TreeSet<>();

  /** Who finds it silent, and when it last said so. */
  private final Map<PeerId, Long> silent = new TreeMap<>();

  Suspect(PeerRef ref, long nonce, long quietSince, boolean ofItself) {
    this.ofItself = ofItself;
    this.ref = ref;
    this.nonce = nonce;
    this.quietSince = quietSince;
  }

  /** The silence until now proves nothing. */
  void excuse(long now) {
    quietSince = now;
    excused = true;
    waiting.clear();
    silent.clear();
    askAgainAt = now;
    nextAt = now;
  }

  /** Others come first, now or still. */
  void passOver(long now) {
    passedOverSince = Math.min(passedOverSince, now);
  }

  /** It is its turn; true if it was not when it should have been asked. */
  boolean isAskedAgain(long now) {
    if (passedOverSince == Long.MAX_VALUE) {
      return false;
    }
    passedOver += now - passedOverSince;
    passedOverSince = Long.MAX_VALUE;
    return true;
  }

  /** For how long it was not asked because others came first. */
  long passedOver() {
    return passedOver;
  }

  int waiting() {
    return waiting.size();
  }

  /** A witness is asked; false if it has been and has not answered. */
  boolean ask(PeerId witness) {
    return waiting.add(witness);
  }

  /** The witnesses that have not answered in time; they are waited for no longer. */
  List<PeerId> notAnswered() {
    List<PeerId> late = List.copyOf(waiting);
    waiting.clear();
    return late;
  }

  /** A witness has answered; false if it was not asked. */
  boolean heardBy(PeerId witness, long now) {
    if (!waiting.remove(witness)) {
      return false;
    }
    answeredAt = now;
    return true;
  }

  /** Whether a witness has answered since then. One that did so long ago may be dead by now. */
  boolean answeredSince(long moment) {
    return answeredAt >= moment;
  }

  /** The same of those only that have said more than that they cannot tell. */
  boolean foundSince(long moment) {
    return foundAt >= moment;
  }

  void silentTo(PeerId witness, long now) {
    foundAt = now;
    silent.put(witness, now);
  }

  boolean isSilentTo(PeerId witness, long notBefore) {
    Long at = silent.get(witness);
    return at != null && at >= notBefore;
  }

  boolean isSilentToAny(long notBefore) {
    return silent.values().stream().anyMatch(at -> at >= notBefore);
  }
}
