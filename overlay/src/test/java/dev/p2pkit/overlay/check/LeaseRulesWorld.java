// A few peers with nothing but the rules of leases, whose messages, beliefs and misfortunes are
// choices.
package dev.p2pkit.overlay.check;

import dev.p2pkit.overlay.check.Links.Sent;
import dev.p2pkit.overlay.lease.Lease;
import dev.p2pkit.overlay.lease.LeaseMessage;
import dev.p2pkit.overlay.lease.LeaseMessage.Arc;
import dev.p2pkit.overlay.lease.LeaseMessage.Renew;
import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.Holding.Tenure;
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
  private static final int TIME = 0;
  private static final int DELIVER = 1;
  private static final int LOSE = 2;
  private static final int DOUBLE = 3;
  private static final int CRASH = 4;
  static final int SILENCE = 5;
  static final int PAUSE = 6;
  static final int JOIN = 7;
  private static final int LEAVE = 8;
  private static final int DOUBT = 9;
  private static final int CUT = 10;
  private static final int RESTART = 11;
  private static final int CUT_PATH = 12;
  private static final int OVERTAKE = 13;

  static final long GRID = 250_000;
  static final long SUSPICION = 3_000_000;
  private static final long MOST_DELAY = 1_000_000;
  static final long NEVER = Long.MAX_VALUE;

  /** A peer has left and gives its arc up. */
  private record Left(Optional<Arc> arc) {}

  /** A peer's host says that the process has ended. */
  private record Ended(PeerRef process) {}

  /** A successor tells of somebody who stands in between. */
  private record Between(PeerRef peer) {}

  final Rules rules;
  final int count;
  final LeaseRulesPeer[] peers;
  private final Links links;
  private final StateDigest digest = new StateDigest();
  private final long[] epochs;
  private final int[] servers;
  long now = StateDigest.EPOCH;
  private int crashes;
  private int silences;
  private int leaves;
  private int restarts;
  private int losses;
  private int doubles;
  private int overtakes;
  private int paused;
  private int doubts;

  /** Peers below this are on one side of a cut, the others on the other; 0 without a cut. */
  private int cut;

  private int cuts;
  private int paths;

  /** Pairs that do not reach each other although others reach both. */
  private int closed;

  /** Peers in the order of their places; those from {@code rules.founders} on join later. */
  LeaseRulesWorld(Rules rules) {
    this.rules = rules;
    count = rules.peers();
    peers = new LeaseRulesPeer[count];
    links = new Links(count);
    epochs = new long[count];
    servers = new int[count];
    Arrays.fill(servers, -1);
    for (int i = 0; i < count; i++) {
      PeerId id = new PeerId(new Key((long) (i * 16 / count) << 60 | 0xfedcba987654321L, 0));
      peers[i] = new LeaseRulesPeer(this, i, new PeerRef(id, new Endpoint("host", 1 + i), 1));
    }
    found();
    crashes = rules.crashes();
    silences = rules.silences();
    leaves = rules.leaves();
    restarts = rules.restarts();
    losses = rules.losses();
    doubles = rules.doubles();
    overtakes = rules.overtakes();
    paused = rules.paused();
    doubts = rules.doubts();
    cuts = rules.cuts();
    paths = rules.paths();
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
    watch();
  }

  int place(PeerId id) {
    for (int i = 0; i < count; i++) {
      if (peers[i].ref.id().equals(id)) {
        return i;
      }
    }
    throw new AssertionError("nobody is " + id);
  }

  private boolean apart(int one, int other) {
    return cut > 0 && (one < cut) != (other < cut);
  }

  private boolean reaches(int from, int to) {
    return !apart(from, to) && ((closed >> (from * count + to)) & 1) == 0;
  }

  void post(LeaseRulesPeer from, int to, Object what) {
    if (from.alive && peers[to].alive && reaches(from.index, to)) {
      links.add(from.index, to, what, from.ref, from.index, now);
    }
  }

  static int code(int kind, int one, int other) {
    return kind | one << 4 | other << 8;
  }

  // ---- what may happen ----

  @Override
  public int choices(int[] into) {
    int end = 0;
    Links.Link oldest = links.oldest(this::deliverable);
    int from = oldest.from();
    int to = oldest.to();
    if (from >= 0) {
      into[end++] = code(DELIVER, from, to);
    }
    if (mayPass()) {
      into[end++] = TIME;
    }
    for (int i = 0; i < count; i++) {
      for (int k = 0; k < count; k++) {
        if (deliverable(i, k)) {
          if (i != from || k != to) {
            into[end++] = code(DELIVER, i, k);
          }
          if (losses > 0) {
            into[end++] = code(LOSE, i, k);
          }
          if (doubles > 0) {
            into[end++] = code(DOUBLE, i, k);
          }
          if (overtakes > 0 && links.between(i, k).size() > 1) {
            into[end++] = code(OVERTAKE, i, k);
          }
        }
      }
    }
    int alive = 0;
    for (LeaseRulesPeer peer : peers) {
      alive += peer.alive ? 1 : 0;
    }
    for (LeaseRulesPeer peer : peers) {
      int i = peer.index;
      if (peer.alive && alive > 1) {
        if (crashes > 0) {
          into[end++] = code(CRASH, i, 0);
        }
        if (silences > 0) {
          into[end++] = code(SILENCE, i, 0);
        }
        if (leaves > 0 && peer.runs()) {
          into[end++] = code(LEAVE, i, 0);
        }
      }
      for (int k = 0; paused > 0 && peer.runs() && k < rules.pauses().size(); k++) {
        into[end++] = code(PAUSE, i, k);
      }
      if (!peer.alive && !peer.gone && alive > 0) {
        into[end++] = code(JOIN, i, 0);
      }
      if (!peer.alive && peer.gone && restarts > 0 && alive > 0) {
        into[end++] = code(RESTART, i, 0);
      }
      for (int k = 0; doubts > 0 && peer.runs() && k < count; k++) {
        if (k != i && (peer.believed >> k & 1) != 0) {
          into[end++] = code(DOUBT, i, k);
        }
      }
      for (int k = 0; paths > 0 && peer.alive && k < i; k++) {
        if (peers[k].alive) {
          into[end++] = code(CUT_PATH, i, k);
        }
      }
      if (cuts > 0 && cut == 0 && i > 0) {
        into[end++] = code(CUT, i, 0);
      }
    }
    return end;
  }

  /** Messages take a second at most, but for those to a process that is stopped. */
  private boolean mayPass() {
    long next = nextTime();
    for (int from = 0; from < count; from++) {
      for (int to = 0; to < count; to++) {
        Sent first = peers[to].runs() ? links.between(from, to).peekFirst() : null;
        if (first != null && next - Math.max(first.at(), peers[to].awakeAt) > MOST_DELAY) {
          return false;
        }
      }
    }
    return next < NEVER;
  }

  private boolean deliverable(int from, int to) {
    return !links.between(from, to).isEmpty() && peers[to].runs();
  }

  @Override
  public boolean enabled(int choice) {
    int[] all = new int[256];
    int end = choices(all);
    for (int i = 0; i < end; i++) {
      if (all[i] == choice) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void take(int choice) {
    LeaseRulesPeer one = peers[choice >> 4 & 15];
    int other = choice >> 8 & 15;
    switch (choice & 15) {
      case TIME -> pass();
      case DELIVER -> deliver(one, peers[other], links.between(one.index, other).removeFirst());
      case LOSE -> {
        losses--;
        Sent lost = links.between(one.index, other).removeFirst();
        if (!(lost.what() instanceof LeaseMessage)) {
          peers[other].doubtAt[one.index] = now + SUSPICION;
        }
      }
      case DOUBLE -> {
        doubles--;
        deliver(one, peers[other], links.between(one.index, other).getFirst());
      }
      case OVERTAKE -> {
        overtakes--;
        Sent first = links.between(one.index, other).removeFirst();
        Sent second = links.between(one.index, other).removeFirst();
        links.between(one.index, other).addFirst(first);
        deliver(one, peers[other], second);
      }
      case CRASH -> {
        crashes--;
        end(one, true);
      }
      case SILENCE -> {
        silences--;
        end(one, false);
      }
      case PAUSE -> {
        paused--;
        one.pausedUntil = now + rules.pauses().get(other);
        for (LeaseRulesPeer peer : peers) {
          if (peer != one) {
            peer.doubtAt[one.index] = Math.min(peer.doubtAt[one.index], now + SUSPICION);
          }
        }
      }
      case JOIN -> join(one);
      case RESTART -> {
        restarts--;
        one.restart();
        join(one);
      }
      case LEAVE -> {
        leaves--;
        Optional<Arc> arc = one.lease.release(one.local());
        for (LeaseRulesPeer peer : peers) {
          if (peer != one) {
            boolean grantor = peer.ref.id().equals(one.successor());
            post(one, peer.index, new Left(grantor ? arc : Optional.empty()));
          }
        }
        one.alive = false;
        one.gone = true;
        links.forgetTo(one.index);
      }
      case DOUBT -> {
        doubts--;
        one.believe(other, false);
        one.lease.look(one.local());
      }
      case CUT -> cut(one.index);
      case CUT_PATH -> {
        paths--;
        closed |= 1 << (one.index * count + other) | 1 << (other * count + one.index);
        links.forgetBetween(one.index, other);
      }
      default -> throw new IllegalArgumentException("no such choice: " + choice);
    }
    watch();
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
    cuts--;
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
          post(peer, other.index, new Ended(peer.ref));
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

  private long nextTime() {
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

  private void deliver(LeaseRulesPeer from, LeaseRulesPeer to, Sent sent) {
    long local = to.local();
    if (sent.what() instanceof LeaseMessage message) {
      to.believe(from.index, from.alive || sent.from().equals(from.ref));
      if (from.gone) {
        to.doubtAt[from.index] = Math.min(to.doubtAt[from.index], now + SUSPICION);
      }
      if (message instanceof Renew) {
        tellBetween(from, to);
        if (from.alive && from.next(from.index, 1) == to.index) {
          to.lease.followed(from.ref.id());
        }
      }
      to.lease.onMessage(local, sent.from(), message);
    } else if (sent.what() instanceof Between between) {
      int who = place(between.peer().id());
      if (peers[who].runs() && reaches(to.index, who)) {
        to.believe(who, true);
      }
    } else if (sent.what() instanceof Ended ended) {
      if (ended.process().equals(from.ref)) {
        to.believe(from.index, false);
      }
      to.lease.dead(local, ended.process());
      to.lease.look(local);
    } else if (sent.what() instanceof Left left) {
      left.arc().ifPresent(arc -> to.lease.onRelease(local, from.ref.id(), arc));
      to.believe(from.index, false);
      to.lease.look(local);
    }
  }

  /** What stabilisation does: whoever asks the wrong successor hears of the right one. */
  private void tellBetween(LeaseRulesPeer from, LeaseRulesPeer to) {
    int at = to.next(to.index, -1);
    if (at != from.index && at != to.index) {
      boolean between =
          Math.floorMod(at - from.index, count) < Math.floorMod(to.index - from.index, count);
      if (between) {
        post(to, from.index, new Between(peers[at].ref));
      }
    }
  }

  // ---- what is promised ----

  private int overlapping = -1;
  private String falling = "";

  /** Looks at who serves: what counts are the keys at which arcs can begin or end. */
  private void watch() {
    overlapping = -1;
    falling = "";
    for (int key = 0; key < count; key++) {
      Key position = peers[key].ref.id().position();
      int server = -1;
      for (LeaseRulesPeer peer : peers) {
        if (peer.alive && peer.lease.serves(position, peer.local())) {
          if (server >= 0 && connected(server, peer.index)) {
            overlapping = key;
          }
          server = peer.index;
        }
      }
      if (server >= 0 && cut == 0 && closed == 0) {
        Tenure tenure = peers[server].lease.tenure(peers[server].local());
        long epoch = tenure.epoch();
        boolean same = servers[key] == server;
        if (same ? epoch < epochs[key] : epoch <= epochs[key]) {
          falling =
              "the epoch of key "
                  + key
                  + " goes from "
                  + epochs[key]
                  + " to "
                  + epoch
                  + " with "
                  + peers[server].name();
        }
        servers[key] = server;
        epochs[key] = epoch;
      }
    }
  }

  /** Whether there is a way between two peers, over others if need be. */
  private boolean connected(int one, int other) {
    return Links.connected(count, one, other, (from, to) -> peers[to].alive && reaches(from, to));
  }

  @Override
  public Optional<String> broken() {
    if (overlapping >= 0) {
      return Optional.of("two serve key " + overlapping);
    }
    return falling.isEmpty() ? Optional.empty() : Optional.of(falling);
  }

  @Override
  public boolean calm() {
    return missing().isEmpty();
  }

  @Override
  public String missing() {
    for (LeaseRulesPeer witness : peers) {
      if (!witness.alive) {
        continue;
      }
      if (witness.pausedUntil > 0) {
        return witness.name() + " is stopped";
      }
      for (LeaseRulesPeer at : peers) {
        boolean served = false;
        for (LeaseRulesPeer peer : peers) {
          served |=
              peer.runs()
                  && !apart(peer.index, witness.index)
                  && peer.lease.serves(at.ref.id().position(), peer.local());
        }
        if (!served) {
          return "key " + at.index + " is served by nobody";
        }
      }
    }
    return "";
  }

  @Override
  public long now() {
    return now;
  }

  @Override
  public long digest() {
    digest.begin();
    digest.add(
        crashes
            | silences << 3
            | leaves << 6
            | restarts << 9
            | losses << 12
            | doubles << 16
            | paused << 20
            | doubts << 24
            | cut << 28);
    digest.add(closed | (long) paths << 32 | (long) overtakes << 40);
    for (LeaseRulesPeer peer : peers) {
      digest.add(
          (peer.alive ? 1 : 0)
              | (peer.gone ? 2 : 0)
              | peer.believed << 2
              | peer.ref.incarnation() << 20);
      digest.add(servers[peer.index] | epochs[peer.index] << 8);
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
    LeaseRulesPeer one = peers[choice >> 4 & 15];
    int at = choice >> 8 & 15;
    LeaseRulesPeer other = peers[Math.min(at, count - 1)];
    String what =
        switch (choice & 15) {
          case TIME -> "time passes to " + Times.seconds(Math.max(now, nextTime()));
          case DELIVER -> one.name() + " -> " + other.name() + "  " + head(one, other);
          case LOSE -> one.name() + " -x " + other.name() + "  lost: " + head(one, other);
          case DOUBLE -> one.name() + " => " + other.name() + "  comes twice: " + head(one, other);
          case OVERTAKE ->
              one.name() + " >> " + other.name() + "  behind its follower: " + head(one, other);
          case CRASH -> one.name() + " ends, its host lives";
          case SILENCE -> one.name() + " ends with its host, without a word";
          case PAUSE -> one.name() + " stops for " + rules.pauses().get(at) / 1e6 + " s";
          case JOIN -> one.name() + " joins";
          case RESTART -> one.name() + " starts again";
          case LEAVE -> one.name() + " leaves";
          case DOUBT -> one.name() + " takes " + other.name() + " for dead";
          case CUT_PATH ->
              one.name() + " and " + other.name() + " do not reach each other any more";
          case CUT -> "the ring is cut before " + one.name();
          default -> "?";
        };
    return Times.seconds(now) + "  " + what;
  }

  private String head(LeaseRulesPeer from, LeaseRulesPeer to) {
    Sent sent = links.between(from.index, to.index).peekFirst();
    return sent == null ? "nothing" : readable(sent.what().toString());
  }

  private String readable(String text) {
    String readable = text;
    for (LeaseRulesPeer peer : peers) {
      readable =
          readable
              .replace(peer.ref.toString(), peer.name())
              .replace("PeerId[position=" + peer.ref.id() + "]", peer.name())
              .replace(peer.ref.id().toString(), peer.name())
              .replace(peer.ref.id().shortText(), peer.name());
    }
    return Times.relative(readable).replace("incarnation=1, ", "").replace("Optional.empty", "?");
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
