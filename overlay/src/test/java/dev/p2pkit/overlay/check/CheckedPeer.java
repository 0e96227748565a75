// One peer of a checked world: a real ring machine, its timers, and what it sent.
package dev.p2pkit.overlay.check;

import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.ring.RingConfig;
import dev.p2pkit.overlay.ring.RingListener;
import dev.p2pkit.overlay.ring.RingMachine;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.NetworkEvent;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** A real ring machine in a checked world. Its clock may run faster or slower than the world's. */
final class CheckedPeer implements Effects, RingListener {
  final RingWorld world;
  final int index;
  private final int rate;
  PeerRef ref;
  RingMachine ring;

  /** When each timer is due, by the clock of the world. */
  final TreeMap<Long, Long> timers = new TreeMap<>();

  boolean alive = true;
  boolean hostUp = true;
  boolean joined;
  boolean joining;
  boolean left;
  long pausedUntil;
  long awakeAt;

  /** The number of its latest question to a successor. */
  long latestQuestion;

  /** The fingerprint of the machine, as long as it is not called and no time passes. */
  long fingerprint;

  long fingerprintAt = -1;

  CheckedPeer(RingWorld world, int index, int rate, PeerRef ref) {
    this.world = world;
    this.index = index;
    this.rate = rate;
    this.ref = ref;
    ring = RingMachine.within(world.formed, world.rules.config, this, this);
  }

  /** The machine, to call it. */
  RingMachine ring() {
    fingerprintAt = -1;
    return ring;
  }

  /** A new process of the same identity. */
  void restart(RingConfig config) {
    ref = new PeerRef(ref.id(), ref.endpoint(), ref.incarnation() + 1);
    timers.clear();
    alive = true;
    hostUp = true;
    joined = false;
    joining = false;
    left = false;
    latestQuestion = 0;
    ring = new RingMachine(config, this, this);
    ring().start(local());
  }

  String name() {
    return Names.of(index);
  }

  boolean member() {
    return alive && joined && !left;
  }

  boolean paused() {
    return pausedUntil > 0;
  }

  /** Now by this peer's clock. */
  long local() {
    return local(world.now);
  }

  long local(long time) {
    long passed = time - StateDigest.EPOCH;
    return time + passed * rate / 1_000;
  }

  /** When this peer's clock shows that time. */
  private long global(long local) {
    long passed = local - StateDigest.EPOCH;
    long time = StateDigest.EPOCH + passed * 1_000 / (1_000 + rate);
    while (local(time) < local) {
      time++;
    }
    return time;
  }

  /** When the next timer is due; never if there is none. */
  long nextDue() {
    long due = Long.MAX_VALUE;
    for (long at : timers.values()) {
      due = Math.min(due, at);
    }
    return due;
  }

  void fire() {
    long due = nextDue();
    for (Map.Entry<Long, Long> timer : timers.entrySet()) {
      if (timer.getValue() == due) {
        long token = timer.getKey();
        timers.remove(token);
        ring().onTimer(local(), token);
        return;
      }
    }
  }

  @Override
  public PeerRef self() {
    return ref;
  }

  @Override
  public void send(PeerRef to, WireMessage message) {
    world.send(this, to, message);
  }

  @Override
  public void timer(long token, long at) {
    if (!world.ignores(token)) {
      timers.put(token, Math.max(world.now, global(at)));
    }
  }

  @Override
  public void cancel(long token) {
    timers.remove(token);
  }

  @Override
  public void close(PeerRef peer) {}

  /** The same at the same time: where a machine draws a lot, one outcome stands for all. */
  @Override
  public SplittableRandom random() {
    return new SplittableRandom(world.now * 31 + index);
  }

  @Override
  public void onView(RingView view) {}

  @Override
  public void onEvent(NetworkEvent event) {}

  @Override
  public void onJoined() {
    joined = true;
    joining = false;
  }

  @Override
  public void onJoinFailed(ErrorCode code, String detail) {
    joining = false;
  }

  @Override
  public void onLeft() {
    left = true;
    joined = false;
  }

  @Override
  public Optional<ErrorCode> onBroadcast(PeerRef origin, int topic, byte[] payload) {
    return Optional.empty();
  }
}
