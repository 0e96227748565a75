// Counts the bytes of every message on its way out.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.broadcast.BroadcastMessage;
import dev.p2pkit.overlay.lease.LeaseMessage;
import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.ForwardingEffects;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.overlay.ring.RingMessage.JoinBusy;
import dev.p2pkit.overlay.ring.RingMessage.JoinRedirect;
import dev.p2pkit.overlay.ring.RingMessage.Snapshot;
import dev.p2pkit.overlay.ring.RingMessage.Stabilise;
import dev.p2pkit.overlay.ring.RingMessage.StabiliseAnswer;
import dev.p2pkit.overlay.ring.RingMessage.StabiliseBusy;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;

/**
 * The effects of a peer, with a count of what goes out. The size of a message is found by encoding
 * it without writing anything: the same in the simulator as on sockets.
 */
final class Meter extends ForwardingEffects {
  private static final int PURPOSES = Purpose.values().length;

  /** Length and type of a frame. */
  private static final int FRAME = 5;

  /** The rate is an average in which the last second counts one part in so many. */
  private static final int SMOOTHING = 16;

  private static final long SECOND = 1_000_000;
  private static final List<WireCodec> CODECS = RingMachine.codecs();

  private final WireWriter counter = WireWriter.counting();
  private final long[] bytes = new long[PURPOSES];
  private final long[] before = new long[PURPOSES];
  private final double[] rates = new double[PURPOSES];

  /** Whether a message goes to its receiver by way of another peer, and has been sent so. */
  private BiPredicate<PeerRef, WireMessage> carried = (to, message) -> false;

  private long handedOver;
  private long unions;
  private long chargedBefore;
  private double chargedRate;
  private long tickedAt = Long.MIN_VALUE;

  Meter(Effects effects) {
    super(effects);
  }

  /** From now on these messages travel through others; they are counted as what they become. */
  void carry(BiPredicate<PeerRef, WireMessage> through) {
    carried = through;
  }

  /** A second or so is over. */
  void tick(long now) {
    if (tickedAt != Long.MIN_VALUE && now > tickedAt) {
      double seconds = (now - tickedAt) / (double) SECOND;
      double share = Math.min(1, seconds / SMOOTHING);
      chargedRate += share * ((chargeable() - chargedBefore) / seconds - chargedRate);
      for (int i = 0; i < PURPOSES; i++) {
        rates[i] += share * ((bytes[i] - before[i]) / seconds - rates[i]);
      }
    }
    if (tickedAt == Long.MIN_VALUE || now > tickedAt) {
      chargedBefore = chargeable();
      System.arraycopy(bytes, 0, before, 0, PURPOSES);
      tickedAt = now;
    }
  }

  Traffic traffic() {
    List<Long> totals = new ArrayList<>(PURPOSES);
    List<Integer> perSecond = new ArrayList<>(PURPOSES);
    for (int i = 0; i < PURPOSES; i++) {
      totals.add(bytes[i]);
      perSecond.add((int) StrictMath.ceil(rates[i]));
    }
    return new Traffic(totals, perSecond);
  }

  double rate(Purpose purpose) {
    return rates[purpose.ordinal()];
  }

  /**
   * All bytes so far by which the table is steered. Broadcasts are the programs' business; a table
   * that a newcomer gets in one piece, and what is remembered of its arc, is paid once in the life
   * of a peer and says nothing about what it costs to keep one. Nor is it charged how often others
   * ask the way in: it must not keep tables from being compared, where that way may be mended.
   */
  long chargeable() {
    long all = -handedOver;
    for (int i = 0; i < PURPOSES; i++) {
      all += i == Purpose.BROADCAST.ordinal() ? 0 : bytes[i];
    }
    return all;
  }

  /** Those of them that were spent on what rings that unite tell each other and their members. */
  long unions() {
    return unions;
  }

  private static boolean isOfUnion(WireMessage message) {
    return message instanceof MergeMessage
        || (message instanceof BroadcastMessage broadcast && broadcast.isOfRing());
  }

  /** The same as a rate, in bytes a second. */
  double chargeableRate() {
    return chargedRate;
  }

  @Override
  public void send(PeerRef to, WireMessage message) {
    if (!carried.test(to, message)) {
      count(message);
      super.send(to, message);
    }
  }

  @Override
  public boolean offer(PeerRef to, WireMessage message) {
    boolean taken = super.offer(to, message);
    if (taken) {
      count(message);
    }
    return taken;
  }

  private void count(WireMessage message) {
    int size = FRAME + sizeOf(message);
    Purpose purpose = purposeOf(message);
    int lease = purpose == Purpose.RING ? leaseOf(message) : 0;
    if (message instanceof Snapshot
        || message instanceof JoinRedirect
        || message instanceof JoinBusy
        || message instanceof LeaseMessage.Admit
        || message instanceof LeaseMessage.MemoryPart) {
      handedOver += size;
    }
    if (isOfUnion(message)) {
      unions += size;
    }
    bytes[Purpose.LEASE.ordinal()] += lease;
    bytes[purpose.ordinal()] += size - lease;
  }

  int sizeOf(WireMessage message) {
    for (WireCodec codec : CODECS) {
      if (codec.handles(message)) {
        counter.clear();
        codec.encode(message, counter);
        return counter.size();
      }
    }
    throw new IllegalArgumentException("no codec of the ring handles " + message);
  }

  private static Purpose purposeOf(WireMessage message) {
    if (message instanceof Snapshot || isOfUnion(message)) {
      return Purpose.MEMBERSHIP;
    } else if (message instanceof RingMessage) {
      return Purpose.RING;
    } else if (message instanceof MembershipMessage membership) {
      return membership.purpose();
    } else if (message instanceof LeaseMessage) {
      return Purpose.LEASE;
    } else if (message instanceof Relay) {
      return Purpose.RELAY;
    }
    return Purpose.BROADCAST;
  }

  private int leaseOf(WireMessage message) {
    counter.clear();
    if (message instanceof Stabilise m) {
      m.renewal().write(counter);
    } else if (message instanceof StabiliseAnswer m) {
      m.granted().write(counter);
    } else if (message instanceof StabiliseBusy m) {
      m.granted().write(counter);
    }
    return counter.size();
  }
}
