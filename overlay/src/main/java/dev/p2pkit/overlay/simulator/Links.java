// The network between simulated peers: dialling, delay, loss, cuts and breaks.
package dev.p2pkit.overlay.simulator;

import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.simulator.SimulatedLink.End;
import dev.p2pkit.overlay.simulator.SimulatedLink.State;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** The network between simulated peers. */
final class Links {
  private static final int MOST_WAITING = 100_000;

  private final Simulation simulation;
  private final SplittableRandom random;
  NetworkConditions conditions = NetworkConditions.DEFAULT;
  long sent;
  long delivered;
  long lost;
  long dials;

  Links(Simulation simulation, SplittableRandom random) {
    this.simulation = simulation;
    this.random = random;
  }

  boolean chance(double probability) {
    return probability > 0 && random.nextDouble() < probability;
  }

  private long latency() {
    long jitter = conditions.jitter();
    return conditions.latency() + (jitter > 0 ? random.nextLong(jitter + 1) : 0);
  }

  private SimulatedLink between(SimulatedPeer one, SimulatedPeer other) {
    SimulatedLink link = one.links.get(other);
    if (link == null) {
      link = new SimulatedLink(one, other);
      one.links.put(other, link);
      other.links.put(one, link);
    }
    return link;
  }

  void send(SimulatedPeer from, PeerRef to, Parcel parcel) {
    sent++;
    SimulatedPeer target = simulation.find(to);
    if (target == from) {
      arriveLater(simulation.now(), from, from, null, parcel);
      return;
    }
    if (target == null) {
      lost++;
      notice(from, to, LinkEvent.UNREACHABLE, simulation.now() + conditions.dialTimeout());
      return;
    }
    SimulatedLink link = between(from, target);
    End end = link.end(from);
    switch (end.state) {
      case UP -> transmit(link, from, target, parcel);
      case DIALLING -> {
        if (!end.keep(parcel, MOST_WAITING)) {
          lost++;
        }
      }
      case DOWN -> {
        end.state = State.DIALLING;
        end.keep(parcel, MOST_WAITING);
        dial(link, from, target, to);
      }
    }
  }

  private void transmit(
      SimulatedLink link, SimulatedPeer from, SimulatedPeer target, Parcel parcel) {
    if (chance(conditions.linkLoss())) {
      lost++;
      breakLink(from, target);
      return;
    }
    if (cutOff(link, target) || !target.hostUp || chance(conditions.loss())) {
      lost++;
      return;
    }
    End end = link.end(target);
    long at = simulation.now() + latency();
    if (chance(conditions.reordering())) {
      at += latency();
    } else {
      at = Math.max(at, end.lastArrival);
      end.lastArrival = at;
    }
    arriveLater(at, from, target, link, parcel);
    if (chance(conditions.duplication())) {
      arriveLater(at + latency(), from, target, link, parcel);
    }
  }

  private void arriveLater(
      long at,
      SimulatedPeer from,
      SimulatedPeer target,
      @Nullable SimulatedLink link,
      Parcel parcel) {
    PeerRef sender = from.ref();
    int opening = link == null ? 0 : link.opening;
    simulation.schedule(
        at,
        new PeerOccurrence(target) {
          @Override
          void reach(SimulatedPeer peer) {
            if (link != null && opening <= link.end(peer).closedUpTo) {
              lost++;
              return;
            }
            delivered++;
            peer.receive(sender, parcel);
          }

          @Override
          void miss() {
            lost++;
          }
        });
  }

  /** Tells all machines of a peer what became of its link to another. */
  private void notice(SimulatedPeer peer, PeerRef about, LinkEvent event, long at) {
    simulation.schedule(
        at,
        new PeerOccurrence(peer) {
          @Override
          void reach(SimulatedPeer here) {
            here.linkChanged(about.id(), event);
          }
        });
  }

  private boolean cutOff(SimulatedLink link, SimulatedPeer receiver) {
    return link.end(receiver).deaf
        || link.end(receiver).peer.side != link.opposite(receiver).peer.side;
  }

  private void dial(SimulatedLink link, SimulatedPeer from, SimulatedPeer target, PeerRef to) {
    dials++;
    long giveUpAt = simulation.now() + conditions.dialTimeout();
    simulation.schedule(
        simulation.now() + latency(),
        new PeerOccurrence(from) {
          @Override
          void reach(SimulatedPeer peer) {
            knock(link, from, target, to, giveUpAt);
          }
        });
  }

  /** The dial has come as far as the other host. */
  private void knock(
      SimulatedLink link, SimulatedPeer from, SimulatedPeer target, PeerRef to, long giveUpAt) {
    End end = link.end(from);
    if (end.state != State.DIALLING) {
      return;
    }
    if (link.broken() || !target.hostUp) {
      fail(end, to, LinkEvent.UNREACHABLE, giveUpAt);
    } else if (!target.alive() || target.ref().incarnation() > to.incarnation()) {
      fail(end, to, LinkEvent.REFUSED, simulation.now() + latency());
    } else if (target.paused()) {
      // Its kernel accepts, but no greeting comes until it wakes.
      if (simulation.now() + conditions.latency() >= giveUpAt) {
        fail(end, to, LinkEvent.UNREACHABLE, giveUpAt);
      } else {
        simulation.schedule(
            Math.min(giveUpAt, simulation.now() + 50_000),
            new PeerOccurrence(from) {
              @Override
              void reach(SimulatedPeer peer) {
                knock(link, from, target, to, giveUpAt);
              }
            });
      }
    } else {
      simulation.schedule(
          simulation.now() + latency(),
          new PeerOccurrence(from) {
            @Override
            void reach(SimulatedPeer peer) {
              if (end.state == State.DIALLING) {
                if (target.alive() && !link.broken()) {
                  open(link);
                } else {
                  knock(link, from, target, to, giveUpAt);
                }
              }
            }
          });
    }
  }

  private void fail(End end, PeerRef to, LinkEvent event, long at) {
    simulation.schedule(
        at,
        new PeerOccurrence(end.peer) {
          @Override
          void reach(SimulatedPeer peer) {
            if (end.state == State.DIALLING) {
              end.state = State.DOWN;
              lost += end.takeWaiting().size();
              peer.linkChanged(to.id(), event);
            }
          }
        });
  }

  private void open(SimulatedLink link) {
    End one = link.one();
    End other = link.other();
    closeHalf(link, one);
    closeHalf(link, other);
    link.opening++;
    one.lastArrival = simulation.now();
    other.lastArrival = simulation.now();
    one.state = State.UP;
    other.state = State.UP;
    notice(one.peer, other.peer.ref(), LinkEvent.UP, simulation.now());
    notice(other.peer, one.peer.ref(), LinkEvent.UP, simulation.now());
    flush(link, one, other);
    flush(link, other, one);
  }

  /** One side may not have noticed yet that an earlier opening has ended. */
  private void closeHalf(SimulatedLink link, End end) {
    if (end.state == State.UP) {
      end.closedUpTo = link.opening;
      notice(end.peer, link.opposite(end.peer).peer.ref(), LinkEvent.DOWN, simulation.now());
    }
  }

  private void flush(SimulatedLink link, End from, End to) {
    for (Parcel parcel : from.takeWaiting()) {
      transmit(link, from.peer, to.peer, parcel);
    }
  }

  /** One end learns at some time that this opening of the link is over. */
  private void goesDown(SimulatedLink link, End end, long at) {
    int opening = link.opening;
    simulation.schedule(
        at,
        new PeerOccurrence(end.peer) {
          @Override
          void reach(SimulatedPeer peer) {
            if (end.state == State.UP && link.opening == opening) {
              end.state = State.DOWN;
              end.closedUpTo = opening;
              peer.linkChanged(link.opposite(peer).peer.ref().id(), LinkEvent.DOWN);
            }
          }
        });
  }

  void breakLink(SimulatedPeer one, SimulatedPeer other) {
    SimulatedLink link = one.links.get(other);
    if (link != null && link.anyUp()) {
      goesDown(link, link.one(), simulation.now() + latency());
      goesDown(link, link.other(), simulation.now() + latency());
    }
  }

  void close(SimulatedPeer from, PeerRef to) {
    SimulatedPeer target = simulation.find(to);
    SimulatedLink link = target == null ? null : from.links.get(target);
    if (link != null && link.end(from).state == State.UP) {
      goesDown(link, link.end(from), simulation.now());
      End far = link.opposite(from);
      goesDown(link, far, Math.max(far.lastArrival, simulation.now() + latency()));
    }
  }

  void cut(SimulatedPeer from, SimulatedPeer to, boolean cut) {
    SimulatedLink link = between(from, to);
    link.end(to).deaf = cut;
    watch(link);
  }

  void watchAll(List<SimulatedPeer> peers) {
    for (SimulatedPeer peer : peers) {
      for (SimulatedLink link : peer.links.values()) {
        watch(link);
      }
    }
  }

  /** If the link is still silent when patience ends, both ends give it up. */
  void watch(SimulatedLink link) {
    if (!link.anyUp() || !silent(link)) {
      return;
    }
    int opening = link.opening;
    simulation.schedule(
        simulation.now() + conditions.silenceTimeout(),
        new Occurrence() {
          @Override
          void happen() {
            if (link.opening == opening && silent(link)) {
              goesDown(link, link.one(), simulation.now());
              goesDown(link, link.other(), simulation.now());
            }
          }
        });
  }

  private static boolean silent(SimulatedLink link) {
    return link.broken()
        || !link.one().peer.hostUp
        || !link.other().peer.hostUp
        || link.one().peer.paused()
        || link.other().peer.paused();
  }

  /** A process has died: its host tells all who have a link. */
  void processDied(SimulatedPeer dead) {
    for (SimulatedLink link : dead.links.values()) {
      forget(link, dead);
      End far = link.opposite(dead);
      if (far.state == State.UP && !link.broken()) {
        goesDown(link, far, Math.max(far.lastArrival, simulation.now() + latency()));
      }
    }
  }

  /** A host has died: nobody is told. */
  void hostDied(SimulatedPeer dead) {
    for (SimulatedLink link : dead.links.values()) {
      forget(link, dead);
      watch(link);
    }
  }

  private void forget(SimulatedLink link, SimulatedPeer dead) {
    End end = link.end(dead);
    end.state = State.DOWN;
    end.closedUpTo = link.opening;
    lost += end.takeWaiting().size();
  }
}
