// One peer of a simulation: its machines, its life and its pauses.
package dev.p2pkit.overlay.simulator;

import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.Machine;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongConsumer;

/** One peer of a {@link Simulation}. */
public final class SimulatedPeer {
  private static final HostedMachine[] NONE = new HostedMachine[0];

  private final Simulation simulation;
  private final Links network;
  private final int index;
  private final Clock clock = new Clock();
  private HostedMachine[] hosted = NONE;
  private Layout layout = Layout.EMPTY;
  private List<PeerOccurrence> postponed = List.of();
  private PeerRef ref;
  private int life;
  private boolean alive = true;
  private boolean paused;
  private boolean busy;

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
   * Makes this peer's clock run fast or slow from now on.
   *
   * @param perThousand by how many thousandths its clock is fast; negative if it is slow; -100 to
   *     100
   */
  public void clockFast(int perThousand) {
    clock.drift(simulation.now(), 1_000 * perThousand);
  }

  /** What this peer's clock says: what its machines get as the time, in microseconds. */
  public long now() {
    return clock.local(simulation.now());
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
    HostedMachine host = new HostedMachine(this, codecs, simulation, network);
    layout = simulation.layouts().with(layout, codecs);
    M machine = make.apply(host);
    host.machine = machine;
    hosted = Arrays.copyOf(hosted, hosted.length + 1);
    hosted[hosted.length - 1] = host;
    enter(machine::start);
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
    enter(action);
  }

  /** Calls one of the machines after the present step, at the same virtual time. */
  public void later(LongConsumer action) {
    simulation.schedule(
        simulation.now(),
        new PeerOccurrence(this) {
          @Override
          void reach() {
            enter(action);
          }
        });
  }

  /** Tells all machines of a new view, after the present step. */
  public void publish(RingView view) {
    simulation.schedule(
        simulation.now(),
        new PeerOccurrence(this) {
          @Override
          void reach() {
            simulation.trace().add(simulation.now(), index, Trace.VIEW, view.version());
            for (HostedMachine host : hosted) {
              enter(now -> host.machine().onView(now, view));
            }
          }
        });
  }

  /** Stops the process without ending it: all that comes in waits for {@link #resume}. */
  public void pause() {
    paused = alive;
    network.watchAll(this);
  }

  /** Lets a paused process go on. */
  public void resume() {
    if (paused) {
      paused = false;
      List<PeerOccurrence> missed = postponed;
      postponed = List.of();
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
    postponed = List.of();
    hosted = NONE;
    layout = Layout.EMPTY;
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

  /** Grows with each death. */
  public int life() {
    return life;
  }

  void postpone(PeerOccurrence occurrence) {
    if (postponed.isEmpty()) {
      postponed = new ArrayList<>();
    }
    postponed.add(occurrence);
  }

  /** The process's own clock: it may run fast or slow, and shows what others' do not. */
  Clock clock() {
    return clock;
  }

  /** The first moment of the simulation at which this peer's clock shows this time or a later. */
  public long moment(long local) {
    return clock.moment(local);
  }

  /** Whether both ends take the link between this peer and another for open. */
  public boolean isLinked(SimulatedPeer other) {
    return network.isUp(this, other);
  }

  /** Its number: 0 for the first peer of the simulation, then one more for each. */
  public int index() {
    return index;
  }

  void receive(PeerRef from, int type, WireMessage message) {
    int place = layout.placeOf(type);
    if (place >= 0) {
      simulation.trace().add(simulation.now(), index, Trace.MESSAGE, type);
      HostedMachine host = hosted[place];
      busy = true;
      try {
        host.machine().onMessage(now(), from, message);
      } catch (RuntimeException | AssertionError e) {
        throw failed(e);
      } finally {
        busy = false;
      }
      simulation.stepped(this);
    }
  }

  void timerDue(HostedMachine host, long token) {
    simulation.trace().add(simulation.now(), index, Trace.TIMER, token);
    busy = true;
    try {
      host.machine().onTimer(now(), token);
    } catch (RuntimeException | AssertionError e) {
      throw failed(e);
    } finally {
      busy = false;
    }
    simulation.stepped(this);
  }

  void linkChanged(PeerId other, LinkEvent event) {
    simulation.trace().add(simulation.now(), index, Trace.LINK, event.ordinal());
    simulation.trace().add(other.position().low());
    simulation.linked(this, other, event);
    // The array is replaced, not changed: what a machine hears may end the peer.
    for (HostedMachine host : hosted) {
      enter(now -> host.machine().onLink(now, other, event));
    }
  }

  private void enter(LongConsumer step) {
    busy = true;
    try {
      step.accept(now());
    } catch (RuntimeException | AssertionError e) {
      throw failed(e);
    } finally {
      busy = false;
    }
    simulation.stepped(this);
  }

  private IllegalStateException failed(Throwable e) {
    return new IllegalStateException(
        "seed " + simulation.seed() + ", " + simulation.now() + " µs, peer " + ref + ": " + e, e);
  }

  @Override
  public String toString() {
    return ref.toString();
  }
}
