// What may happen next in a world of lease rules.
package dev.p2pkit.overlay.check;

import dev.p2pkit.overlay.check.Links.Sent;

/** The choices of a {@link LeaseRulesWorld}, the ordinary one first. */
final class LeaseRulesChoices {
  private final LeaseRulesWorld world;
  private final Mishaps left;
  private final LeaseRulesPeer[] peers;
  private final int count;

  LeaseRulesChoices(LeaseRulesWorld world) {
    this.world = world;
    left = world.left;
    peers = world.peers;
    count = world.count;
  }

  /** As {@link World#choices}. */
  int write(int[] into) {
    int end = 0;
    Links.Link oldest = world.links.oldest(world::deliverable);
    int from = oldest.from();
    int to = oldest.to();
    if (from >= 0) {
      into[end++] = Choice.of(Choice.DELIVER, from, to);
    }
    if (mayPass()) {
      into[end++] = Choice.TIME;
    }
    for (int i = 0; i < count; i++) {
      for (int k = 0; k < count; k++) {
        if (world.deliverable(i, k)) {
          if (i != from || k != to) {
            into[end++] = Choice.of(Choice.DELIVER, i, k);
          }
          if (left.losses > 0) {
            into[end++] = Choice.of(Choice.LOSE, i, k);
          }
          if (left.doubles > 0) {
            into[end++] = Choice.of(Choice.DOUBLE, i, k);
          }
          if (left.overtakes > 0 && world.links.between(i, k).size() > 1) {
            into[end++] = Choice.of(Choice.OVERTAKE, i, k);
          }
        }
      }
    }
    return misfortunes(into, end);
  }

  private int misfortunes(int[] into, int from) {
    int end = from;
    int alive = 0;
    for (LeaseRulesPeer peer : peers) {
      alive += peer.alive ? 1 : 0;
    }
    for (LeaseRulesPeer peer : peers) {
      int i = peer.index;
      if (peer.alive && alive > 1) {
        if (left.crashes > 0) {
          into[end++] = Choice.of(Choice.CRASH, i, 0);
        }
        if (left.silences > 0) {
          into[end++] = Choice.of(Choice.SILENCE, i, 0);
        }
        if (left.leaves > 0 && peer.runs()) {
          into[end++] = Choice.of(Choice.LEAVE, i, 0);
        }
      }
      for (int k = 0; left.pauses > 0 && peer.runs() && k < world.rules.pauses().size(); k++) {
        into[end++] = Choice.of(Choice.PAUSE, i, 0, k);
      }
      if (!peer.alive && !peer.gone && alive > 0) {
        into[end++] = Choice.of(Choice.JOIN, i, 0);
      }
      if (!peer.alive && peer.gone && left.restarts > 0 && alive > 0) {
        into[end++] = Choice.of(Choice.RESTART, i, 0);
      }
      for (int k = 0; left.doubts > 0 && peer.runs() && k < count; k++) {
        if (k != i && (peer.believed >> k & 1) != 0) {
          into[end++] = Choice.of(Choice.DOUBT, i, k);
        }
      }
      for (int k = 0; left.paths > 0 && peer.alive && k < i; k++) {
        if (peers[k].alive) {
          into[end++] = Choice.of(Choice.CLOSE_PATH, i, k);
        }
      }
      if (left.cuts > 0 && world.cut == 0 && i > 0) {
        into[end++] = Choice.of(Choice.CUT, i, 0);
      }
    }
    return end;
  }

  /** Messages take a second at most, but for those to a process that is stopped. */
  private boolean mayPass() {
    long next = world.nextTime();
    for (int from = 0; from < count; from++) {
      for (int to = 0; to < count; to++) {
        Sent first = peers[to].runs() ? world.links.between(from, to).peekFirst() : null;
        if (first != null
            && next - Math.max(first.at(), peers[to].awakeAt) > LeaseRulesWorld.MOST_DELAY) {
          return false;
        }
      }
    }
    return next < LeaseRulesWorld.NEVER;
  }
}
