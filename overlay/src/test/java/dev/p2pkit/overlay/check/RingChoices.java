// What may happen next in a world of ring machines.
package dev.p2pkit.overlay.check;

/** The choices of a {@link RingWorld}, the ordinary one first. */
final class RingChoices {
  private final RingWorld world;
  private final Rules rules;
  private final Mishaps left;
  private final CheckedPeer[] peers;

  RingChoices(RingWorld world) {
    this.world = world;
    rules = world.rules;
    left = world.left;
    peers = world.peers;
  }

  /** As {@link World#choices}. */
  int write(int[] into) {
    int count = 0;
    int n = peers.length;
    Links.Link oldest = world.links.oldest(world::deliverable);
    int oldestFrom = oldest.from();
    int oldestTo = oldest.to();
    if (oldestFrom >= 0) {
      into[count++] = Choice.of(Choice.DELIVER, oldestFrom, oldestTo, 0);
    }
    if ((oldestFrom < 0 || rules.anyOrder()) && mayPass()) {
      into[count++] = Choice.TIME;
    }
    for (int from = 0; from < n; from++) {
      for (int to = 0; to < n; to++) {
        if (!world.deliverable(from, to)) {
          continue;
        }
        if (rules.anyOrder() && (from != oldestFrom || to != oldestTo)) {
          into[count++] = Choice.of(Choice.DELIVER, from, to, 0);
        }
        if (world.links.between(from, to).peekFirst().what() instanceof RingWorld.LinkNews) {
          continue;
        }
        if (left.losses > 0) {
          into[count++] = Choice.of(Choice.LOSE, from, to, 0);
        }
        if (left.doubles > 0) {
          into[count++] = Choice.of(Choice.DOUBLE, from, to, 0);
        }
        for (int i = 0; left.delays > 0 && i < rules.delays().size(); i++) {
          into[count++] = Choice.of(Choice.DELAY, from, to, i);
        }
      }
    }
    return misfortunes(into, count);
  }

  private int misfortunes(int[] into, int count) {
    int end = count;
    int members = 0;
    for (CheckedPeer peer : peers) {
      members += peer.member() ? 1 : 0;
    }
    for (int i = 0; i < peers.length; i++) {
      CheckedPeer peer = peers[i];
      boolean others = members > (peer.member() ? 1 : 0);
      if (peer.alive && !peer.joined && !peer.joining && !peer.left && members > 0) {
        into[end++] = Choice.of(Choice.JOIN, i);
      }
      if (peer.alive && (peer.joined || peer.joining) && others) {
        if (left.crashes > 0 && world.mayEnd(peer)) {
          into[end++] = Choice.of(Choice.CRASH, i);
        }
        if (left.silences > 0 && world.mayEnd(peer)) {
          into[end++] = Choice.of(Choice.SILENCE, i);
        }
      }
      if (left.leaves > 0 && peer.member() && !peer.paused()) {
        into[end++] = Choice.of(Choice.LEAVE, i);
      }
      for (int k = 0;
          left.pauses > 0 && !peer.paused() && peer.member() && k < rules.pauses().size();
          k++) {
        into[end++] = Choice.of(Choice.PAUSE, i, 0, k);
      }
      if (left.restarts > 0 && !peer.alive && peer.hostUp && members > 0) {
        into[end++] = Choice.of(Choice.RESTART, i);
      }
    }
    return end;
  }

  private boolean mayPass() {
    long next = world.nextTime();
    for (int from = 0; from < peers.length; from++) {
      for (int to = 0; to < peers.length; to++) {
        if (world.deliverable(from, to)
            && next - Math.max(world.links.between(from, to).getFirst().at(), peers[to].awakeAt)
                > rules.slowest()) {
          return false;
        }
      }
    }
    return next < Long.MAX_VALUE;
  }
}
