// One peer of a simulation: its machines, its life and its pauses.
package dev.p2pkit.overlay.simulator;

import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.Machine;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** One peer of a {@link Simulation}. */
public final class SimulatedPeer {
  private static final int FRAME_TYPES = 256;

  private final Simulation simulation;
  private final Links network;
  private final int index;
  final Map<SimulatedPeer, SimulatedLink> links = new LinkedHashMap<>();
  private final List<HostedMachine> hosted = new ArrayList<>();
  private final @Nullable HostedMachine[] byType = new HostedMachine[FRAME_TYPES];
  private final List<PeerOccurrence> postponed = new ArrayList<>();
  private PeerRef ref;
  private int life;
  private boolean alive = true;
  private boolean paused;
  private boolean busy;
  private int fastPerThousand;

  /** Whether the host answers; a host may die without a word. */
  boolean hostUp = true;

  /** Which part of a partition it is in. */
  int side;

  SimulatedPeer(Simulation simulation, Links network, int index, PeerRef ref) {
    this.simulation = simulation;
    this.network = network;
    this.index = index;
    this.ref = ref;
  }

  /**
   * Makes this peer's clock run fast or slow from the start of the simulation on. Before anything
   * is hosted.
   *
   * @param perThousand by how many thousandths its clock is fast; negative if it is slow
   */
  public void clockFast(int perThousand) {
    if (!hosted.isEmpty()) {
      throw new IllegalStateException(ref + " hosts a machine that has read the clock");
    }
    fastPerThousand = perThousand;
  }

  /** What this peer's clock says: what its machines get as the time, in microseconds. */
  public long now() {
    return simulation.now() + simulation.now() * fastPerThousand / 1_000;
  }

  /** When, by the clock of the simulation, this peer's clock reaches a time. */
  long simulated(long local) {
    return fastPerThousand == 0 ? local : -Math.floorDiv(-local * 1_000, 1_000L + fastPerThousand);
  }

  /** The peer as others know it; a restart changes its incarnation. */
  public PeerRef ref() {
    return ref;
  }

  /** Its id. */
  public PeerId id() {
    return ref.id();
  }

  /** Whether its process runs, paused or not. */
  public boolean alive() {
    return alive;
  }

  /** Whether it is paused. */
  public boolean paused() {
    return paused;
  }

  /** Hosts a machine with one codec and starts it. */
  public <M extends Machine> M host(WireCodec codec, Function<Effects, M> machine) {
    return host(List.of(codec), machine);
  }

  /**
   * Hosts a machine and starts it. A peer may host several whose codecs have different frame types.
   *
   * @throws IllegalArgumentException if a frame type is taken
   * @throws IllegalStateException if the peer is dead
   */
  public <M extends Machine> M host(List<? extends WireCodec> codecs, Function<Effects, M> make) {
    if (!alive) {
      throw new IllegalStateException(ref + " is dead; restart it first");
    }
    HostedMachine host = new HostedMachine(this, List.copyOf(codecs), simulation, network);
    for (WireCodec codec : codecs) {
      for (int type = codec.firstType(); type <= codec.lastType(); type++) {
        if (byType[type] != null) {
          throw new IllegalArgumentException("frame type " + type + " has two machines");
        }
        byType[type] = host;
      }
    }
    M machine = make.apply(host);
    host.machine = machine;
    hosted.add(host);
    enter(() -> machine.start(now()));
    return machine;
  }

  /**
   * Calls one of the machines from outside, now; the action gets the time.
   *
   * @throws IllegalStateException from inside of one of this peer's machines; see {@link #later}
   */
  public void run(LongConsumer action) {
    if (busy) {
      throw new IllegalStateException(ref + " is inside of a step; use later()");
    }
    enter(() -> action.accept(now()));
  }

  /** Calls one of the machines after the present step, at the same virtual time. */
  public void later(LongConsumer action) {
    simulation.schedule(
        simulation.now(),
        new PeerOccurrence(this) {
          @Override
          void reach(SimulatedPeer peer) {
            enter(() -> action.accept(now()));
          }
        });
  }

  /** Tells all machines of a new view, after the present step. */
  public void publish(RingView view) {
    simulation.schedule(
        simulation.now(),
        new PeerOccurrence(this) {
          @Override
          void reach(SimulatedPeer peer) {
            simulation.trace().add(simulation.now(), index, Trace.VIEW, view.version());
            for (HostedMachine host : hosted) {
              enter(() -> host.machine().onView(now(), view));
            }
          }
        });
  }

  /** Stops the process without ending it: all that comes in waits for {@link #resume}. */
  public void pause() {
    paused = alive;
    for (SimulatedLink link : links.values()) {
      network.watch(link);
    }
  }

  /** Lets a paused process go on. */
  public void resume() {
    if (paused) {
      paused = false;
      List<PeerOccurrence> missed = List.copyOf(postponed);
      postponed.clear();
      for (PeerOccurrence occurrence : missed) {
        simulation.schedule(simulation.now(), occurrence);
      }
    }
  }

  /** The process dies; its host closes the links and refuses dials. */
  public void kill() {
    if (end()) {
      network.processDied(this);
    }
  }

  /** The host dies: links fall silent and dials time out. */
  public void killHost() {
    if (end()) {
      hostUp = false;
      network.hostDied(this);
    }
  }

  private boolean end() {
    boolean wasAlive = alive;
    alive = false;
    paused = false;
    postponed.clear();
    hosted.clear();
    Arrays.fill(byType, null);
    life++;
    return wasAlive;
  }

  /** A new process of the same identity at the same address, with nothing hosted. */
  public void restart() {
    kill();
    ref =
        new PeerRef(
            ref.id(), ref.endpoint(), Math.max(ref.incarnation() + 1, simulation.now() / 1_000));
    hostUp = true;
    alive = true;
  }

  int life() {
    return life;
  }

  int index() {
    return index;
  }

  void postpone(PeerOccurrence occurrence) {
    postponed.add(occurrence);
  }

  void receive(PeerRef from, Parcel parcel) {
    HostedMachine host = byType[parcel.type()];
    if (host != null) {
      simulation.trace().add(simulation.now(), index, Trace.MESSAGE, parcel.type());
      enter(() -> host.machine().onMessage(now(), from, parcel.message()));
    }
  }

  void linkChanged(PeerId other, LinkEvent event) {
    simulation.trace().add(simulation.now(), index, Trace.LINK, event.ordinal());
    simulation.trace().add(other.position().low());
    // A copy: what a machine hears may end the peer.
    for (HostedMachine host : List.copyOf(hosted)) {
      enter(() -> host.machine().onLink(now(), other, event));
    }
  }

  void enter(Runnable step) {
    busy = true;
    try {
      step.run();
    } catch (RuntimeException | AssertionError e) {
      throw new IllegalStateException(
          "seed " + simulation.seed() + ", " + simulation.now() + " µs, peer " + ref + ": " + e, e);
    } finally {
      busy = false;
    }
  }

  @Override
  public String toString() {
    return ref.toString();
  }
}
