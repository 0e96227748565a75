// One peer of a world with nothing but the rules of leases: what it believes, and when it acts.
package dev.p2pkit.overlay.check;

import dev.p2pkit.overlay.lease.Lease;
import dev.p2pkit.overlay.lease.LeaseConfig;
import dev.p2pkit.overlay.lease.LeaseMessage;
import dev.p2pkit.overlay.lease.LeaseMessage.Renew;
import dev.p2pkit.overlay.lease.Neighbourhood;
import dev.p2pkit.overlay.machine.ArcMemory;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.PeerId;
import java.util.Arrays;

/**
 * The lease rules of one peer. Who is alive and who stands beside whom is what this peer believes,
 * right or wrong; it looks at what is due on a grid of a quarter of a second.
 */
final class LeaseRulesPeer implements Neighbourhood {
  private final LeaseRulesWorld world;
  final int index;
  PeerRef ref;
  Lease lease;
  boolean alive;
  boolean gone;
  long pausedUntil;
  long awakeAt;
  long beatAt;
  int believed;
  final long[] doubtAt;

  LeaseRulesPeer(LeaseRulesWorld world, int index, PeerRef ref) {
    this.world = world;
    this.index = index;
    this.ref = ref;
    doubtAt = new long[world.count];
    lease = begin();
  }

  /** A process that knows nobody and holds nothing. */
  private Lease begin() {
    believed = 1 << index;
    Arrays.fill(doubtAt, LeaseRulesWorld.NEVER);
    return new Lease(
        ref.id(), LeaseConfig.DEFAULT, LeaseRulesWorld.SUSPICION, this, ArcMemory.NONE);
  }

  /** A new process of the same identity. */
  void restart() {
    ref = new PeerRef(ref.id(), ref.endpoint(), ref.incarnation() + 1);
    lease = begin();
  }

  String name() {
    return Names.of(index);
  }

  long local() {
    return world.now + (world.now - StateDigest.EPOCH) * world.rules.rate(index) / 1_000;
  }

  boolean runs() {
    return alive && pausedUntil == 0;
  }

  /** When it next does something by itself, on the grid. */
  long due() {
    long wake = lease.wakeAt(local());
    if (wake == Long.MAX_VALUE) {
      return beatAt;
    }
    long due =
        world.now + Math.max(1, (wake - local()) * 1_000 / (1_000 + world.rules.rate(index)));
    return Math.min(
        beatAt, (due + LeaseRulesWorld.GRID - 1) / LeaseRulesWorld.GRID * LeaseRulesWorld.GRID);
  }

  void act() {
    if (beatAt <= world.now) {
      beatAt = world.now + world.rules.config.heartbeat();
      lease.look(local());
      PeerId next = successor();
      if (!next.equals(ref.id())) {
        send(next, new Renew(lease.renewal(local(), next)));
      }
    } else {
      lease.look(local());
    }
  }

  void believe(int other, boolean lives) {
    believed = lives ? believed | 1 << other : believed & ~(1 << other);
    if (lives) {
      doubtAt[other] = LeaseRulesWorld.NEVER;
    }
  }

  /** The next that it takes for alive, so many places at a time from there; itself if none. */
  int next(int from, int step) {
    int at = from;
    do {
      at = Math.floorMod(at + step, world.count);
    } while ((believed >> at & 1) == 0);
    return at;
  }

  @Override
  public PeerId successor() {
    return world.peers[next(index, 1)].ref.id();
  }

  @Override
  public int size() {
    return Integer.bitCount(believed);
  }

  @Override
  public boolean isAlive(PeerId peer) {
    return (believed >> world.place(peer) & 1) != 0;
  }

  @Override
  public PeerId aliveBefore(PeerId peer) {
    return world.peers[next(world.place(peer), -1)].ref.id();
  }

  @Override
  public boolean isExact(PeerId after, PeerId upTo) {
    return true;
  }

  @Override
  public boolean hearsStrangers(long now) {
    return false;
  }

  @Override
  public void send(PeerId to, LeaseMessage message) {
    world.post(this, world.place(to), message);
  }
}
