// A machine on a simulated peer, and its effects.
package dev.p2pkit.overlay.simulator;

import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.FaultSite;
import dev.p2pkit.overlay.machine.FaultSites;
import dev.p2pkit.overlay.machine.Machine;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** The effects of one machine in one life of its peer; after that life they do nothing. */
final class HostedMachine implements Effects {
  /** By how much a timer is late where that fault is switched on (µs). */
  private static final long LATE = 5_000_000;

  private final SimulatedPeer peer;
  private final WireCodec[] codecs;
  private final Simulation simulation;
  private final Links network;
  private final SplittableRandom random;
  private final PeerRef self;
  private final int life;
  private final TimerTable<Due> timers = new TimerTable<>();
  @Nullable Machine machine;

  HostedMachine(
      SimulatedPeer peer, List<? extends WireCodec> codecs, Simulation simulation, Links network) {
    this.peer = peer;
    this.codecs = codecs.toArray(new WireCodec[0]);
    this.simulation = simulation;
    this.network = network;
    random = simulation.split();
    self = peer.ref();
    life = peer.life();
  }

  Machine machine() {
    return Objects.requireNonNull(machine, "a machine is hosted before it is called");
  }

  private boolean over() {
    return !peer.alive() || peer.life() != life;
  }

  @Override
  public PeerRef self() {
    return self;
  }

  @Override
  public void send(PeerRef to, WireMessage message) {
    if (over()) {
      return;
    }
    WireCodec codec = codecOf(message);
    int type = codec.typeOf(message);
    simulation.trace().add(simulation.now(), peer.index(), Trace.SEND, type);
    simulation.trace().add(to.id().position().low());
    WireMessage carried =
        network.chance(network.conditions().codecShare())
            ? throughCodec(codec, type, message)
            : message;
    simulation.sending(peer, to, codec, type, carried);
    network.send(peer, to, type, carried);
  }

  private WireCodec codecOf(WireMessage message) {
    for (WireCodec codec : codecs) {
      if (codec.handles(message)) {
        return codec;
      }
    }
    throw new IllegalArgumentException("no codec of this machine handles " + message);
  }

  private WireMessage throughCodec(WireCodec codec, int type, WireMessage message) {
    WireWriter writer = new WireWriter(256);
    codec.encode(message, writer);
    byte[] bytes = writer.toBytes();
    simulation.trace().add(Trace.BYTES);
    for (byte b : bytes) {
      simulation.trace().add(b);
    }
    return codec.decode(type, new WireReader(bytes));
  }

  @Override
  public void timer(long token, long at) {
    if (over()) {
      return;
    }
    simulation.trace().add(at, peer.index(), Trace.SET_TIMER, token);
    long time = Math.max(simulation.now(), peer.clock().moment(at));
    if (simulation.faults().fires(FaultSite.TIMER_LATE)) {
      time += LATE;
    }
    Due due = timers.get(token);
    if (due != null && due.time <= time) {
      // It is in the queue already and looks at its time when it comes: nothing is made for a timer
      // that is moved on and on.
      due.at = time;
      return;
    }
    if (due != null) {
      due.cancelled = true;
    }
    due = new Due(token, time);
    timers.put(token, due);
    simulation.schedule(time, due);
  }

  @Override
  public void cancel(long token) {
    Due due = timers.remove(token);
    if (due != null) {
      due.cancelled = true;
      simulation.trace().add(simulation.now(), peer.index(), Trace.CANCEL_TIMER, token);
    }
  }

  @Override
  public void close(PeerRef other) {
    if (!over()) {
      simulation.trace().add(simulation.now(), peer.index(), Trace.CLOSE, 0);
      simulation.trace().add(other.id().position().low());
      network.close(peer, other);
    }
  }

  @Override
  public FaultSites faults() {
    return simulation.faults();
  }

  @Override
  public SplittableRandom random() {
    return random;
  }

  /** A timer. */
  private final class Due extends PeerOccurrence {
    private final long token;

    /** When it is due by now; the queue may hold an earlier time. */
    private long at;

    Due(long token, long at) {
      super(HostedMachine.this.peer);
      this.token = token;
      this.at = at;
    }

    @Override
    void reach() {
      if (cancelled) {
        // Moved or cancelled while the peer was paused.
        return;
      }
      if (at > simulation.now()) {
        simulation.schedule(at, this);
      } else {
        timers.remove(token);
        peer.timerDue(HostedMachine.this, token);
      }
    }
  }
}
