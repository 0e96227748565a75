// Peers 1, 2, 3 … on a ring, for tests of the lease rules by hand.
package dev.p2pkit.overlay.lease;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.TreeSet;

/** A ring of six places, and which of them are believed alive. */
final class LeaseTable {
  static final int SIZE = 6;
  static final long SUSPICION = 3_000_000;

  final TreeSet<Integer> alive = new TreeSet<>();

  LeaseTable() {
    for (int i = 1; i <= SIZE; i++) {
      alive.add(i);
    }
  }

  static PeerId id(int number) {
    return new PeerId(Key.of(100L * number));
  }

  static int number(PeerId id) {
    return (int) (id.position().low() / 100);
  }

  static PeerRef ref(int number) {
    return process(number, 1);
  }

  static PeerRef process(int number, long incarnation) {
    return new PeerRef(id(number), new Endpoint("peer", number), incarnation);
  }

  long at(double seconds) {
    return Math.round(seconds * 1e6);
  }

  Renewal renewal(double seconds, int lo, long epoch) {
    return new Renewal(at(seconds), id(lo), epoch, epoch, 1, 1, 1);
  }

  void dead(int number) {
    alive.remove(number);
  }

  int before(int number) {
    Integer lower = alive.lower(number);
    return lower != null ? lower : alive.last();
  }

  int after(int number) {
    Integer higher = alive.higher(number);
    return higher != null ? higher : alive.first();
  }

  /** A peer that has held its arc for a moment: since 0 s, until 4 s. */
  LeasePeer formed(int self, int lo, int beforeThat) {
    LeasePeer peer = new LeasePeer(this, self);
    peer.lease.form(0, id(lo), 1, id(beforeThat));
    return peer;
  }

  /** A peer that holds everything, since 0 s. */
  LeasePeer alone(int self) {
    LeasePeer peer = new LeasePeer(this, self);
    peer.lease.create(0, 1);
    return peer;
  }
}
