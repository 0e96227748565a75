// A few peers with nothing but the rules of leases, whose messages, beliefs and misfortunes are
// choices.
package dev.p2pkit.overlay.check;

import dev.p2pkit.overlay.check.Links.Sent;
import dev.p2pkit.overlay.lease.Lease;
import dev.p2pkit.overlay.lease.LeaseMessage;
import dev.p2pkit.overlay.lease.LeaseMessage.Arc;
import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;

/**
 * A few peers with nothing but {@link Lease}: what each believes of who is alive changes by choice,
 * so that the rules are tried against all that a ring around them could say. Time goes on in steps
 * of a quarter of a second at least: a rule that is looked at later must still be safe.
 *
 * <p>The promise: no key has two servers, not even one that would serve if it woke now; and the
 * epoch of a key grows with each new server.
 */
final class LeaseRulesWorld implements World {
  static final long GRID = 250_000;
  static final long SUSPICION = 3_000_000;
  static final long MOST_DELAY = 1_000_000;
  static final long NEVER = Long.MAX_VALUE;

  final Rules rules;
  final int count;
  final LeaseRulesPeer[] peers;
  final Links links;
  private final StateDigest digest = new StateDigest();
  private final LeaseRulesChoices choices;
  private final LeaseRulesPromise promise;
  private final LeaseRulesMail mail = new LeaseRulesMail(this);
  final Mishaps left = new Mishaps();
  long now = StateDigest.EPOCH;

  /** Peers below this are on one side of a cut, the others on the other; 0 without a cut. */
  int cut;

  /** Pairs that do not reach each other although others reach both. */
  private int closed;

  /** Peers in the order of their places; those from {@code rules.founders} on join later. */
  LeaseRulesWorld(Rules rules) {
    this.rules = rules;
    count = rules.peers();
    peers = new LeaseRulesPeer[count];
    links = new Links(count);
    for (int i = 0; i < count; i++) {
      PeerId id = new PeerId(new Key((long) (i * 16 / count) << 60 | 0xfedcba987654321L, 0));
      peers[i] = new LeaseRulesPeer(this, i, new PeerRef(id, new Endpoint("host", 1 + i), 1));
    }
    choices = new LeaseRulesChoices(this);
    promise = new LeaseRulesPromise(this);
    found();
    left.allow(rules);
  }

  /** Newcomers stand where {@link Rules#at} says; the others are a settled ring. */
  private void found() {
    int founders = 0;
    for (int i = 0; i < count; i++) {
      founders |= rules.founds(i) ? 1 << i : 0;
    }
    for (LeaseRulesPeer peer : peers) {
      if (rules.founds(peer.index)) {
        peer.alive = true;
        peer.believed = founders;
        peer.beatAt = now + (peer.index + 1) * GRID;
      }
    }
    for (LeaseRulesPeer peer : peers) {
      if (peer.alive) {
        int lo = peer.next(peer.index, -1);
        peer.lease.form(peer.local(), peers[lo].ref.id(), 1, peers[peer.next(lo, -1)].ref.id());
      }
    }
    promise.watch();
  }

  int place(PeerId id) {
    for (int i = 0; i < count; i++) {
      if (peers[i].ref.id().equals(id)) {
        return i;
      }
    }
    throw new AssertionError("nobody is " + id);
  }

  boolean apart(int one, int other) {
    return cut > 0 && (one < cut) != (other < cut);
  }

  boolean reaches(int from, int to) {
    return !apart(from, to) && ((closed >> (from * count + to)) & 1) == 0;
  }

  void post(LeaseRulesPeer from, int to, Object what) {
    if (from.alive && peers[to].alive && reaches(from.index, to)) {
      links.add(from.index, to, what, from.ref, from.index, now);
    }
  }

  // ---- what may happen ----

  @Override
  public int choices(int[] into) {
    return choices.write(into);
  }

  /** Whether the first message on a link may come now. */
  boolean deliverable(int from, int to) {
    return !links.between(from, to).isEmpty() && peers[to].runs();
  }

  @Override
  public void take(int choice) {
    LeaseRulesPeer one = peers[Choice.one(choice)];
    int other = Choice.other(choice);
    switch (Choice.kind(choice)) {
      case Choice.TIME -> pass();
      case Choice.DELIVER ->
          mail.deliver(one, peers[other], links.between(one.index, other).removeFirst());
      case Choice.LOSE -> {
        left.losses--;
        Sent lost = links.between(one.index, other).removeFirst();
        if (!(lost.what() instanceof LeaseMessage)) {
          peers[other].doubtAt[one.index] = now + SUSPICION;
        }
      }
      case Choice.DOUBLE -> {
        left.doubles--;
        mail.deliver(one, peers[other], links.between(one.index, other).getFirst());
      }
      case Choice.OVERTAKE -> {
        left.overtakes--;
        Sent first = links.between(one.index, other).removeFirst();
        Sent second = links.between(one.index, other).removeFirst();
        links.between(one.index, other).addFirst(first);
        mail.deliver(one, peers[other], second);
      }
      case Choice.CRASH -> {
        left.crashes--;
        end(one, true);
      }
      case Choice.SILENCE -> {
        left.silences--;
        end(one, false);
      }
      case Choice.PAUSE -> {
        left.pauses--;
        one.pausedUntil = now + rules.pauses().get(Choice.argument(choice));
        for (LeaseRulesPeer peer : peers) {
          if (peer != one) {
            peer.doubtAt[one.index] = Math.min(peer.doubtAt[one.index], now + SUSPICION);
          }
        }
      }
      case Choice.JOIN -> join(one);
      case Choice.RESTART -> {
        left.restarts--;
        one.restart();
        join(one);
      }
      case Choice.LEAVE -> {
        left.leaves--;
        Optional<Arc> arc = one.lease.release(one.local());
        for (LeaseRulesPeer peer : peers) {
          if (peer != one) {
            boolean grantor = peer.ref.id().equals(one.successor());
            post(one, peer.index, new LeaseRulesMail.Left(grantor ? arc : Optional.empty()));
          }
        }
        one.alive = false;
        one.gone = true;
        links.forgetTo(one.index);
      }
      case Choice.DOUBT -> {
        left.doubts--;
        one.believe(other, false);
        one.lease.look(one.local());
      }
      case Choice.CUT -> cut(one.index);
      case Choice.CLOSE_PATH -> {
        left.paths--;
        closed |= 1 << (one.index * count + other) | 1 << (other * count + one.index);
        links.forgetBetween(one.index, other);
      }
      default -> throw new IllegalArgumentException("no such choice: " + choice);
    }
    promise.watch();
  }

  private void join(LeaseRulesPeer peer) {
    peer.alive = true;
    peer.gone = false;
    peer.beatAt = now;
    for (LeaseRulesPeer other : peers) {
      if (other.alive && !apart(peer.index, other.index)) {
        peer.believed |= 1 << other.index;
      }
    }
    peer.act();
  }

  private void cut(int first) {
    left.cuts--;
    cut = first;
    for (LeaseRulesPeer peer : peers) {
      for (LeaseRulesPeer other : peers) {
        if (apart(peer.index, other.index)) {
          links.between(peer.index, other.index).clear();
          peer.doubtAt[other.index] = now + SUSPICION;
        }
      }
    }
  }

  private void end(LeaseRulesPeer peer, boolean hostSaysSo) {
    for (LeaseRulesPeer other : peers) {
      if (other != peer) {
        if (hostSaysSo) {
          post(peer, other.index, new LeaseRulesMail.Ended(peer.ref));
        } else {
          other.doubtAt[peer.index] = now + SUSPICION;
        }
      }
    }
    peer.alive = false;
    peer.gone = true;
    peer.pausedUntil = 0;
    links.forgetTo(peer.index);
  }

  long nextTime() {
    long next = NEVER;
    for (LeaseRulesPeer peer : peers) {
      if (!peer.alive) {
        continue;
      }
      if (peer.pausedUntil > 0) {
        next = Math.min(next, peer.pausedUntil);
        continue;
      }
      next = Math.min(next, peer.due());
      for (long doubt : peer.doubtAt) {
        next = Math.min(next, doubt);
      }
    }
    return next;
  }

  private void pass() {
    long next = nextTime();
    if (next == NEVER) {
      return;
    }
    // Who is due is told by the time before it has come: asked then, a machine says "at once".
    LeaseRulesPeer due = null;
    for (LeaseRulesPeer peer : peers) {
      if (due == null && peer.runs() && peer.due() <= next) {
        due = peer;
      }
    }
    now = Math.max(now, next);
    for (LeaseRulesPeer peer : peers) {
      if (peer.pausedUntil > 0 && peer.pausedUntil <= now) {
        peer.pausedUntil = 0;
        peer.awakeAt = now;
        // What was not heard while it slept is no reason for doubt.
        for (int k = 0; k < count; k++) {
          if (peer.doubtAt[k] < NEVER) {
            peer.doubtAt[k] = Math.max(peer.doubtAt[k], now + SUSPICION);
          }
        }
        return;
      }
      for (int k = 0; peer.runs() && k < count; k++) {
        if (peer.doubtAt[k] <= now) {
          peer.doubtAt[k] = NEVER;
          peer.believe(k, false);
          peer.lease.look(peer.local());
          return;
        }
      }
    }
    if (due != null) {
      due.act();
    }
  }

  /** Whether there is a way between two peers, over others if need be. */
  boolean connected(int one, int other) {
    return Links.connected(count, one, other, (from, to) -> peers[to].alive && reaches(from, to));
  }

  /** Whether all reach all. */
  boolean whole() {
    return cut == 0 && closed == 0;
  }

  @Override
  public Optional<String> broken() {
    return promise.broken();
  }

  @Override
  public boolean calm() {
    return missing().isEmpty();
  }

  @Override
  public String missing() {
    return promise.missing();
  }

  @Override
  public long now() {
    return now;
  }

  @Override
  public long digest() {
    digest.begin();
    left.addTo(digest);
    digest.add(cut | (long) closed << 32);
    promise.addTo(digest);
    for (LeaseRulesPeer peer : peers) {
      digest.add(
          (peer.alive ? 1 : 0)
              | (peer.gone ? 2 : 0)
              | peer.believed << 2
              | peer.ref.incarnation() << 20);
      if (peer.alive) {
        digest.add(peer.pausedUntil == 0 ? -1 : peer.pausedUntil - now);
        digest.add(peer.beatAt - now);
        digest.add(Math.max(peer.awakeAt - now, -MOST_DELAY));
        for (long doubt : peer.doubtAt) {
          digest.add(doubt == NEVER ? -1 : doubt - now);
        }
        digest.add(peer.lease, peer.local());
      }
      for (int to = 0; to < count; to++) {
        Deque<Sent> link = links.between(peer.index, to);
        digest.add(link.size());
        for (Sent sent : link) {
          // What it says of times is by the sender's clock.
          digest.add(sent.what(), peer.local());
          digest.add(sent.from().incarnation());
          digest.add(sent.at() - now);
        }
      }
    }
    return digest.value();
  }

  @Override
  public String describe(int choice) {
    int to = Math.min(Choice.other(choice), count - 1);
    Sent first = links.between(Choice.one(choice), to).peekFirst();
    String message = first == null ? "nothing" : readable(first.what().toString());
    long later = Math.max(now, nextTime());
    return Times.seconds(now)
        + "  "
        + Choice.describe(choice, rules, Names.first(count), message, later);
  }

  private String readable(String text) {
    return Names.readable(text, Arrays.stream(peers).map(peer -> peer.ref).toList())
        .replace("incarnation=1, ", "")
        .replace("Optional.empty", "?");
  }

  @Override
  public String picture() {
    StringBuilder text = new StringBuilder();
    for (LeaseRulesPeer peer : peers) {
      if (peer.alive) {
        StringBuilder keys = new StringBuilder();
        for (LeaseRulesPeer at : peers) {
          if (peer.lease.serves(at.ref.id().position(), peer.local())) {
            keys.append(at.name());
          }
        }
        text.append(peer.name())
            .append(peer.pausedUntil > 0 ? " (stopped) serves " : " serves ")
            .append(keys.length() == 0 ? "nothing" : keys)
            .append(" of ")
            .append(readable(peer.lease.state().toString()))
            .append("\n    ");
      }
    }
    return text.toString().strip();
  }
}
