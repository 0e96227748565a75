// Whether a proof holds, as far as one who has asked for it can tell.
package dev.p2pkit.overlay.proof;

import dev.p2pkit.overlay.broadcast.BroadcastSeals;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.proof.ProofMessage.Proven;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.List;
import java.util.Optional;

/**
 * Checks a proof. What a signature cannot say is checked against what the asker knows of the ring:
 * peers are spread evenly by their keys, so an arc twenty times as long as the average is a lie,
 * and so is a grantor that is not the next peer after the owner.
 */
final class Verification {
  /** By how much an arc may be longer than the average: e to the -20 of all are. */
  private static final int LONGEST_ARC = 20;

  private final RingView view;
  private final PeerId self;
  private final BroadcastSeals seals;
  private final Credentials credentials;

  Verification(RingView view, PeerId self, BroadcastSeals seals, Credentials credentials) {
    this.view = view;
    this.self = self;
    this.seals = seals;
    this.credentials = credentials;
  }

  /** Why the proof that came over the link from a peer is wrong; empty if it is right. */
  Optional<String> objection(PeerRef from, Inquiry inquiry, Proven proven) {
    Key key = inquiry.key;
    Grant grant = proven.grant().grant();
    PeerId owner = from.id();
    PeerId grantor = grant.grantor();
    if (!grant.asker().equals(self)
        || !grant.nonce().equals(inquiry.nonce())
        || !proven.key().equals(key)) {
      return Optional.of("it answers another question");
    }
    if (!grant.holder().equals(owner) || grant.incarnation() != from.incarnation()) {
      return Optional.of("it is about another process");
    }
    if (!key.isIn(grant.from().position(), owner.position())) {
      return Optional.of("its arc does not hold the key");
    }
    if (grant.remaining() == 0) {
      return Optional.of("its lease has run out");
    }
    Optional<String> place = misplaced(grant, owner, inquiry.granted);
    if (place.isPresent()) {
      return place;
    }
    if (!seals.fits(owner, proven.grant().statement(key), proven.seal())) {
      return Optional.of("the owner's signature does not fit");
    }
    if (!seals.fits(grantor, grant.statement(), proven.grant().seal())) {
      return Optional.of("the grantor's signature does not fit");
    }
    return credentials.admits(grantor, proven.grant().credential())
        ? Optional.empty()
        : Optional.of("its grantor is no member of the network");
  }

  private Optional<String> misplaced(Grant grant, PeerId owner, boolean granted) {
    PeerId grantor = grant.grantor();
    boolean whole = grant.from().equals(owner);
    double most = view.joined() ? LONGEST_ARC * averageArc() : 1;
    if (part(grant.from(), owner) > most) {
      return Optional.of("its arc is longer than any in this ring");
    }
    if (grantor.equals(owner)) {
      if (!granted) {
        return Optional.empty();
      }
      boolean alone =
          view.members().stream()
              .allMatch(member -> member.id().equals(owner) || member.id().equals(self));
      boolean amOutside = owner.equals(self) || !view.joined();
      return whole && alone && amOutside
          ? Optional.empty()
          : Optional.of("nobody but the owner has granted it");
    }
    if (!view.joined()) {
      return Optional.empty();
    }
    if (part(owner, grantor) > most) {
      return Optional.of("its grantor is further than any in this ring");
    }
    Key behind = owner.position().plus(new Key(0, 1));
    if (view.isExact(owner.position()) && view.isExact(grantor.position())) {
      PeerId next = view.owner(behind).id();
      if (!next.equals(grantor) && next.position().isIn(owner.position(), grantor.position())) {
        return Optional.of("its grantor is not the next peer");
      }
    }
    return Optional.empty();
  }

  /** The share of the ring that a peer owns on average, by how dense it is around this one. */
  private double averageArc() {
    if (view.complete()) {
      return 1.0 / view.size();
    }
    List<PeerRef> before = view.predecessors();
    List<PeerRef> after = view.successors();
    if (before.isEmpty() || after.isEmpty()) {
      return 1;
    }
    double span = part(before.get(before.size() - 1).id(), after.get(after.size() - 1).id());
    return span / (before.size() + after.size());
  }

  /** Which part of the ring lies between two peers, clockwise; all of it if they are the same. */
  private static double part(PeerId from, PeerId to) {
    Key distance = from.position().distanceTo(to.position());
    return distance.equals(Key.ZERO) ? 1 : (distance.high() >>> 1) / 0x1p63;
  }
}
