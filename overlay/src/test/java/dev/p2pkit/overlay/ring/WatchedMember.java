// One member of a ring, of which a test sees what it sends.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.StillEffects;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/** A machine in a formed ring, and nobody else: the test says what the others send to it. */
final class WatchedMember {
  /** Which of the members it is. */
  static final int SELF = 5;

  /** What it has sent. */
  record Sent(PeerRef to, WireMessage message) {}

  /** All members, by their ids. */
  final List<PeerRef> members = new ArrayList<>();

  /** What it has sent since it was formed, or since the test has emptied this. */
  final List<Sent> sent = new ArrayList<>();

  final RingMachine machine;
  private final SplittableRandom random;

  /** In a ring of 40. */
  WatchedMember() {
    this(3, 40, RingConfig.DEFAULT);
  }

  WatchedMember(long seed, int size, RingConfig config) {
    random = new SplittableRandom(seed);
    for (int i = 0; i < size; i++) {
      members.add(stranger());
    }
    members.sort(Comparator.comparing(PeerRef::id));
    StillEffects effects =
        new StillEffects(members.get(SELF), random) {
          @Override
          public void send(PeerRef to, WireMessage message) {
            sent.add(new Sent(to, message));
          }
        };
    machine = RingMachine.within(FormedRing.of(members), config, effects, new DeafListener());
    machine.start(0);
    machine.form(0);
    sent.clear();
  }

  /** A peer that is not of the ring. */
  PeerRef stranger() {
    return new PeerRef(
        new PeerId(new Key(random.nextLong(), random.nextLong())), new Endpoint("host", 1), 1);
  }
}
