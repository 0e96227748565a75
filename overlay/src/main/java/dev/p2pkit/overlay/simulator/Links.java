// The network between simulated peers: dialling, delay, loss, cuts and breaks.
package dev.p2pkit.overlay.simulator;

import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireMessage;
import java.util.List;
import java.util.SplittableRandom;

/** The network between simulated peers. */
final class Links {
  private static final int MOST_WAITING = 100_000;

  /** How often a dial that met a paused process looks again (µs). */
  private static final long KNOCK_AGAIN = 50_000;

  private final Simulation simulation;
  private final Delays delays;
  final LinkTable table = new LinkTable();
  long sent;
  long delivered;
  long lost;
  long dials;

  Links(Simulation simulation, SplittableRandom random) {
    this.simulation = simulation;
    delays = new Delays(random);
  }

  NetworkConditions conditions() {
    return delays.conditions();
  }

  void conditions(NetworkConditions conditions) {
    delays.conditions(conditions);
  }

  boolean chance(double probability) {
    return delays.chance(probability);
  }

  private SimulatedPeer peerAt(int end) {
    return simulation.peerAt(table.peer(end));
  }

  void send(SimulatedPeer from, PeerRef to, int type, WireMessage message) {
    sent++;
    SimulatedPeer target = simulation.find(to);
    if (target == from) {
      simulation.schedule(
          simulation.now(), new Delivery(this, from, from.ref(), LinkTable.NONE, 0, type, message));
      return;
    }
    if (target == null) {
      lost++;
      notice(from, to, LinkEvent.UNREACHABLE, simulation.now() + conditions().dialTimeout());
      return;
    }
    int end = table.endBetween(from.index(), target.index());
    switch (table.state(end)) {
      case LinkTable.UP -> transmit(end, from, target, type, message);
      case LinkTable.DIALLING -> {
        if (!table.keep(end, new Parcel(type, message), MOST_WAITING)) {
          lost++;
        }
      }
      default -> {
        int dial = table.dial(end);
        table.keep(end, new Parcel(type, message), MOST_WAITING);
        dials++;
        simulation.dialling(from, to, type);
        new Dial(this, end, dial, from, target, to).begin();
      }
    }
  }

  private void transmit(
      int end, SimulatedPeer from, SimulatedPeer target, int type, WireMessage message) {
    NetworkConditions conditions = conditions();
    if (chance(conditions.linkLoss())) {
      lost++;
      breakLink(from, target);
      return;
    }
    int farEnd = LinkTable.opposite(end);
    if (cutOff(farEnd) || !target.hostUp) {
      lost++;
      return;
    }
    if (table.state(farEnd) != LinkTable.UP) {
      // The process at the other end has ended, which was not told while the path was cut: the host
      // knows no such link and resets it.
      lost++;
      goesDown(end, simulation.now() + delays.plain() + delays.plain());
      return;
    }
    long delay = delays.next();
    if (delay == Delays.LOST) {
      lost++;
      return;
    }
    long at = simulation.now() + delay;
    if (chance(conditions.reordering())) {
      at += delays.plain();
    } else {
      at = Math.max(at, table.lastArrival(farEnd));
      table.lastArrival(farEnd, at);
    }
    int opening = table.opening(LinkTable.link(end));
    PeerRef sender = from.ref();
    simulation.schedule(at, new Delivery(this, target, sender, farEnd, opening, type, message));
    if (chance(conditions.duplication())) {
      simulation.schedule(
          at + delays.plain(), new Delivery(this, target, sender, farEnd, opening, type, message));
    }
  }

  /** Whether what belongs to this opening does not arrive at this end any more. */
  boolean isOver(int end, SimulatedPeer peer, int opening) {
    return table.peer(end) != peer.index() || opening <= table.closedUpTo(end);
  }

  /** Tells all machines of a peer what became of its link to another. */
  private void notice(SimulatedPeer peer, PeerRef about, LinkEvent event, long at) {
    simulation.schedule(
        at,
        new PeerOccurrence(peer) {
          @Override
          void reach() {
            peer.linkChanged(about.id(), event);
          }
        });
  }

  private boolean cutOff(int receiving) {
    return table.deaf(receiving)
        || peerAt(receiving).side != peerAt(LinkTable.opposite(receiving)).side;
  }

  /** Whether nothing can pass in at least one direction. */
  boolean broken(int end) {
    return cutOff(end) || table.deaf(LinkTable.opposite(end));
  }

  private boolean anyUp(int end) {
    return table.state(end) == LinkTable.UP || table.state(LinkTable.opposite(end)) == LinkTable.UP;
  }

  /** The way there and a part of the way of a dial, each with the delays of the network. */
  long legs(int count) {
    long sum = 0;
    for (int i = 0; i < count; i++) {
      sum += delays.kept();
    }
    return sum;
  }

  long retryKnock() {
    return simulation.now() + KNOCK_AGAIN;
  }

  long now() {
    return simulation.now();
  }

  void schedule(long at, Occurrence occurrence) {
    simulation.schedule(at, occurrence);
  }

  /** A dial ends without a link. */
  void dialFailed(int end, PeerRef to, LinkEvent event) {
    SimulatedPeer peer = peerAt(end);
    table.state(end, LinkTable.DOWN);
    lost += table.takeWaiting(end).size();
    table.forgetIfIdle(LinkTable.link(end));
    peer.linkChanged(to.id(), event);
  }

  /** A dial has come through. */
  void open(int end) {
    int far = LinkTable.opposite(end);
    closeHalf(end);
    closeHalf(far);
    table.open(LinkTable.link(end));
    table.lastArrival(end, simulation.now());
    table.lastArrival(far, simulation.now());
    table.state(end, LinkTable.UP);
    table.state(far, LinkTable.UP);
    SimulatedPeer one = peerAt(end);
    SimulatedPeer other = peerAt(far);
    notice(one, other.ref(), LinkEvent.UP, simulation.now());
    notice(other, one.ref(), LinkEvent.UP, simulation.now());
    flush(end, one, other);
    flush(far, other, one);
  }

  /** One side may not have noticed yet that an earlier opening has ended. */
  private void closeHalf(int end) {
    if (table.state(end) == LinkTable.UP) {
      table.closeOpening(end);
      notice(peerAt(end), peerAt(LinkTable.opposite(end)).ref(), LinkEvent.DOWN, simulation.now());
    }
  }

  private void flush(int end, SimulatedPeer from, SimulatedPeer to) {
    for (Parcel parcel : table.takeWaiting(end)) {
      transmit(end, from, to, parcel.type(), parcel.message());
    }
  }

  /** One end learns at some time that this opening of the link is over. */
  private void goesDown(int end, long at) {
    int link = LinkTable.link(end);
    int opening = table.opening(link);
    simulation.schedule(
        at,
        new PeerOccurrence(peerAt(end)) {
          @Override
          void reach() {
            if (table.peer(end) == peer.index()
                && table.state(end) == LinkTable.UP
                && table.opening(link) == opening) {
              PeerRef about = peerAt(LinkTable.opposite(end)).ref();
              table.close(end);
              table.forgetIfIdle(link);
              peer.linkChanged(about.id(), LinkEvent.DOWN);
            }
          }
        });
  }

  void breakLink(SimulatedPeer one, SimulatedPeer other) {
    int link = table.find(one.index(), other.index());
    if (link != LinkTable.NONE && anyUp(2 * link)) {
      goesDown(2 * link, simulation.now() + delays.plain());
      goesDown(2 * link + 1, simulation.now() + delays.plain());
    }
  }

  void close(SimulatedPeer from, PeerRef to) {
    SimulatedPeer target = simulation.find(to);
    int link = target == null ? LinkTable.NONE : table.find(from.index(), target.index());
    if (link == LinkTable.NONE) {
      return;
    }
    int end = table.endAt(link, from.index());
    if (table.state(end) == LinkTable.UP) {
      int far = LinkTable.opposite(end);
      goesDown(end, simulation.now());
      goesDown(far, Math.max(table.lastArrival(far), simulation.now() + delays.plain()));
    }
  }

  /** Whether both ends of the link between two peers take it for open. */
  boolean isUp(SimulatedPeer one, SimulatedPeer other) {
    int link = table.find(one.index(), other.index());
    return link != LinkTable.NONE
        && table.state(2 * link) == LinkTable.UP
        && table.state(2 * link + 1) == LinkTable.UP;
  }

  void cut(SimulatedPeer from, SimulatedPeer to, boolean cut) {
    if (!cut && table.find(from.index(), to.index()) == LinkTable.NONE) {
      return;
    }
    int end = LinkTable.opposite(table.endBetween(from.index(), to.index()));
    table.deaf(end, cut);
    watch(end);
    table.forgetIfIdle(LinkTable.link(end));
  }

  void mendAll() {
    for (int link : table.deafLinks()) {
      table.deaf(2 * link, false);
      table.deaf(2 * link + 1, false);
      table.forgetIfIdle(link);
    }
  }

  void watchAll(List<SimulatedPeer> peers) {
    for (SimulatedPeer peer : peers) {
      watchAll(peer);
    }
  }

  void watchAll(SimulatedPeer peer) {
    for (int end : table.endsOf(peer.index())) {
      watch(end);
    }
  }

  /** If the link is still silent when patience ends, both ends give it up. */
  private void watch(int end) {
    if (!anyUp(end) || !silent(end)) {
      return;
    }
    int link = LinkTable.link(end);
    int opening = table.opening(link);
    simulation.schedule(
        simulation.now() + conditions().silenceTimeout(),
        new Occurrence() {
          @Override
          void happen() {
            if (table.opening(link) == opening && anyUp(end) && silent(end)) {
              goesDown(end & ~1, simulation.now());
              goesDown(end | 1, simulation.now());
            }
          }
        });
  }

  private boolean silent(int end) {
    SimulatedPeer one = peerAt(end);
    SimulatedPeer other = peerAt(LinkTable.opposite(end));
    return broken(end) || !one.hostUp || !other.hostUp || one.paused() || other.paused();
  }

  /** A process has died: its host tells all who have a link. */
  void processDied(SimulatedPeer dead) {
    for (int end : table.endsOf(dead.index())) {
      int far = LinkTable.opposite(end);
      if (table.state(far) == LinkTable.UP && !broken(end)) {
        goesDown(far, Math.max(table.lastArrival(far), simulation.now() + delays.plain()));
      }
      forget(end);
    }
  }

  /** A host has died: nobody is told. */
  void hostDied(SimulatedPeer dead) {
    for (int end : table.endsOf(dead.index())) {
      watch(end);
      forget(end);
    }
  }

  private void forget(int end) {
    table.close(end);
    lost += table.takeWaiting(end).size();
    table.forgetIfIdle(LinkTable.link(end));
  }
}
