// One attempt to open a link.
package dev.p2pkit.overlay.simulator;

import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.PeerRef;

/**
 * One attempt to open a link. TCP, TLS and the greeting take a round trip each, which {@link
 * NetworkConditions#dialRounds} counts; a refusal comes after the first. Where nothing passes, TCP
 * knocks again, so a dial that begins in a short cut may succeed after it.
 */
final class Dial {
  private final Links network;
  private final int end;
  private final int number;
  private final SimulatedPeer from;
  private final SimulatedPeer target;
  private final PeerRef to;
  private final long giveUpAt;

  /** TCP knocks again after a second without an answer, then after two, four and so on (µs). */
  private long again = 1_000_000;

  Dial(Links network, int end, int number, SimulatedPeer from, SimulatedPeer target, PeerRef to) {
    this.network = network;
    this.end = end;
    this.number = number;
    this.from = from;
    this.target = target;
    this.to = to;
    giveUpAt = network.now() + network.conditions().dialTimeout();
  }

  void begin() {
    at(network.now() + network.legs(1), this::knock);
  }

  private void at(long time, Runnable step) {
    network.schedule(
        time,
        new PeerOccurrence(from) {
          @Override
          void reach() {
            // The peer may have given this dial up, and the other may have opened the link.
            if (network.table.peer(end) == from.index() && network.table.isDialling(end, number)) {
              step.run();
            }
          }
        });
  }

  /** The dial has come as far as the other host. */
  private void knock() {
    if (network.now() >= giveUpAt) {
      fail(LinkEvent.UNREACHABLE, giveUpAt);
    } else if (network.broken(end) || !target.hostUp) {
      at(Math.min(giveUpAt, network.now() + again), this::knock);
      again *= 2;
    } else if (!target.alive()
        || (to.incarnation() > 0 && target.ref().incarnation() > to.incarnation())) {
      fail(LinkEvent.REFUSED, network.now() + network.legs(1));
    } else if (target.paused()) {
      // Its kernel accepts, but no greeting comes until it wakes.
      if (network.now() + network.conditions().latency() >= giveUpAt) {
        fail(LinkEvent.UNREACHABLE, giveUpAt);
      } else {
        at(Math.min(giveUpAt, network.retryKnock()), this::knock);
      }
    } else {
      at(network.now() + network.legs(2 * network.conditions().dialRounds() - 1), this::greeted);
    }
  }

  private void greeted() {
    if (target.alive() && !target.paused() && !network.broken(end)) {
      network.open(end);
    } else {
      knock();
    }
  }

  private void fail(LinkEvent event, long time) {
    at(Math.max(time, network.now()), () -> network.dialFailed(end, to, event));
  }
}
