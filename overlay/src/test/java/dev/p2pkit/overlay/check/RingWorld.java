// A few real ring machines, whose messages, timers and misfortunes are choices.
package dev.p2pkit.overlay.check;

import dev.p2pkit.overlay.broadcast.BroadcastMessage;
import dev.p2pkit.overlay.check.Links.Sent;
import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.ring.FormedRing;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A few real ring machines. Each link keeps its order; which link is served next, when time goes
 * on, and what goes wrong are choices. Time goes on from one timer to the next, and may do so while
 * messages wait: they may take as long as one likes. What is right in a state is for subclasses to
 * say.
 */
abstract class RingWorld implements World {

  /** Messages that only spread what the ring knows; not part of the interleavings. */
  private static final Set<String> BACKGROUND =
      Set.of("HashOffer", "BlockHashes", "Records", "Events", "EventsTaken");

  /** The timer of the events that spread news of members. */
  private static final long EVENTS = 7;

  /** What a host says of a link. */
  record LinkNews(LinkEvent event) {}

  final Rules rules;
  final FormedRing formed;
  final CheckedPeer[] peers;
  long now = StateDigest.EPOCH;
  final Links links;
  private final long[][] heldUntil;
  private final Deque<Runnable> background = new ArrayDeque<>();
  private final StateDigest digest = new StateDigest();
  private final StateDigest own = new StateDigest();

  /** Pairs between which nothing goes. */
  private long closed;

  /** How long two rings that meet may take to become one. */
  private static final long SETTLING = 60_000_000;

  private long settledAt;
  private String loseNext = "";
  final Mishaps left = new Mishaps();
  private final RingChoices choices;

  RingWorld(Rules rules) {
    this.rules = rules;
    int count = rules.peers();
    peers = new CheckedPeer[count];
    links = new Links(count);
    formed = FormedRing.of(IntStream.range(0, rules.founders).mapToObj(this::ref).toList());
    heldUntil = new long[count][count];
    choices = new RingChoices(this);
    for (int i = 0; i < count; i++) {
      peers[i] = new CheckedPeer(this, i, rules.rate(i), ref(i));
    }
    for (CheckedPeer peer : peers) {
      peer.ring().start(peer.local());
    }
    for (CheckedPeer founder : founders()) {
      founder.ring().form(founder.local());
    }
    drain();
    settle();
    left.allow(rules);
  }

  private PeerRef ref(int index) {
    PeerId id = new PeerId(new Key((long) rules.place(index) << 60, 0));
    return new PeerRef(id, new Endpoint("host", 1 + index), 1);
  }

  private List<CheckedPeer> founders() {
    return List.of(peers).subList(0, rules.founders);
  }

  /** The founders begin as a ring and beat once without trouble. */
  private void settle() {
    int[] some = new int[Search.MOST_CHOICES];
    for (int step = 0; step < 1_000; step++) {
      if (now >= StateDigest.EPOCH + rules.config.heartbeat() && calm() && links.idle()) {
        return;
      }
      if (choices(some) == 0) {
        break;
      }
      take(some[0]);
    }
    throw new IllegalStateException("the founders form no ring: " + missing() + "; " + picture());
  }

  // ---- what machines do ----

  boolean ignores(long timer) {
    // Where these messages are lost, there is no need to send them again.
    return rules.quiet() && (timer >>> 60 == 3 || timer == EVENTS);
  }

  void send(CheckedPeer from, PeerRef to, WireMessage message) {
    CheckedPeer target = find(to);
    if (target == null || !from.alive || !isOpen(from.index, target.index)) {
      return;
    }
    if (message.getClass().getSimpleName().equals(loseNext)) {
      loseNext = "";
      return;
    }
    int asker = target.index;
    if (message.getClass().getSimpleName().equals("Stabilise")) {
      from.latestQuestion = StateDigest.sequence(message);
      asker = from.index;
    }
    boolean inBackground =
        message instanceof BroadcastMessage
            || BACKGROUND.contains(message.getClass().getSimpleName());
    if (inBackground) {
      if (!rules.quiet()) {
        PeerRef sender = from.ref;
        background.add(
            () -> {
              if (target.alive && !target.paused()) {
                target.ring().onMessage(target.local(), sender, message);
              }
            });
      }
    } else if (target.alive && target.ref.incarnation() >= to.incarnation()) {
      links.add(from.index, target.index, message, from.ref, asker, now);
    } else if (target.hostUp) {
      linkNews(target, from, LinkEvent.REFUSED);
    }
  }

  /** What a peer learns of its link to another comes behind what the other has sent it. */
  private void linkNews(CheckedPeer about, CheckedPeer to, LinkEvent event) {
    boolean known = false;
    for (Sent sent : links.between(about.index, to.index)) {
      known |= sent.what() instanceof LinkNews news && news.event() == event;
    }
    if (!known) {
      links.add(about.index, to.index, new LinkNews(event), about.ref, to.index, now);
    }
  }

  private CheckedPeer find(PeerRef ref) {
    for (CheckedPeer peer : peers) {
      if (peer.ref.id().equals(ref.id())) {
        return peer;
      }
    }
    return null;
  }

  private void drain() {
    for (Runnable next = background.poll(); next != null; next = background.poll()) {
      next.run();
    }
  }

  // ---- what a story makes happen ----

  /** The next message of this kind is lost. */
  void loseNext(String kind) {
    loseNext = kind;
  }

  /** Nothing goes from one to the other any more, nor back. */
  void close(int one, int other) {
    closed |= (1L << (one * 8 + other)) | (1L << (other * 8 + one));
    links.forgetBetween(one, other);
  }

  void openAll() {
    closed = 0;
    settledAt = now + SETTLING;
  }

  /** Whether there is a way between two peers, over others if need be, and was for a while. */
  final boolean connected(int one, int other) {
    if (now < settledAt) {
      return false;
    }
    return closed == 0
        || Links.connected(
            peers.length, one, other, (from, to) -> peers[to].alive && isOpen(from, to));
  }

  private boolean isOpen(int from, int to) {
    return ((closed >> (from * 8 + to)) & 1) == 0;
  }

  /** A process stops for a while. */
  void pause(int peer, long micros) {
    peers[peer].pausedUntil = now + micros;
  }

  // ---- what may happen ----

  @Override
  public int choices(int[] into) {
    return choices.write(into);
  }

  /** Whether a process may end now under what the check assumes of failures. */
  boolean mayEnd(CheckedPeer peer) {
    return true;
  }

  /** Whether the first message on a link may come now. */
  boolean deliverable(int from, int to) {
    return !links.between(from, to).isEmpty()
        && peers[to].alive
        && !peers[to].paused()
        && heldUntil[from][to] <= now;
  }

  final long nextTime() {
    long next = Long.MAX_VALUE;
    for (CheckedPeer peer : peers) {
      if (peer.paused()) {
        next = Math.min(next, peer.pausedUntil);
      } else if (peer.alive) {
        next = Math.min(next, peer.nextDue());
      }
    }
    for (long[] from : heldUntil) {
      for (long until : from) {
        if (until > now) {
          next = Math.min(next, until);
        }
      }
    }
    return next;
  }

  @Override
  public void take(int choice) {
    CheckedPeer one = peers[Choice.one(choice)];
    int other = Choice.other(choice);
    switch (Choice.kind(choice)) {
      case Choice.TIME -> pass();
      case Choice.DELIVER ->
          deliver(one.index, other, links.between(one.index, other).removeFirst());
      case Choice.LOSE -> {
        left.losses--;
        links.between(one.index, other).removeFirst();
      }
      case Choice.DOUBLE -> {
        left.doubles--;
        deliver(one.index, other, links.between(one.index, other).getFirst());
      }
      case Choice.DELAY -> {
        left.delays--;
        heldUntil[one.index][other] = now + rules.delays().get(Choice.argument(choice));
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
      }
      case Choice.JOIN -> join(one);
      case Choice.LEAVE -> {
        left.leaves--;
        one.ring().leave(one.local());
      }
      case Choice.RESTART -> {
        left.restarts--;
        one.restart(rules.config);
        join(one);
      }
      default -> throw new IllegalArgumentException("no such choice: " + choice);
    }
    drain();
  }

  private void join(CheckedPeer peer) {
    List<PeerRef> contacts = new ArrayList<>();
    for (CheckedPeer other : peers) {
      if (other.member() && other != peer) {
        contacts.add(other.ref);
      }
    }
    peer.joining = true;
    peer.ring().join(peer.local(), contacts);
  }

  private void pass() {
    now = Math.max(now, nextTime());
    for (CheckedPeer peer : peers) {
      if (peer.paused() && peer.pausedUntil <= now) {
        peer.pausedUntil = 0;
        peer.awakeAt = now;
        return;
      }
    }
    for (long[] from : heldUntil) {
      for (int to = 0; to < from.length; to++) {
        if (from[to] != 0 && from[to] <= now) {
          from[to] = 0;
          return;
        }
      }
    }
    for (CheckedPeer peer : peers) {
      if (peer.alive && !peer.paused() && peer.nextDue() <= now) {
        peer.fire();
        return;
      }
    }
  }

  private void deliver(int from, int to, Sent sent) {
    CheckedPeer target = peers[to];
    if (sent.what() instanceof LinkNews news) {
      target.ring().onLink(target.local(), peers[from].ref.id(), news.event());
    } else if (sent.what() instanceof WireMessage message) {
      target.ring().onMessage(target.local(), sent.from(), message);
    }
  }

  private void end(CheckedPeer peer, boolean hostSaysSo) {
    peer.alive = false;
    peer.joined = false;
    peer.joining = false;
    peer.pausedUntil = 0;
    peer.hostUp = hostSaysSo;
    peer.timers.clear();
    links.forgetTo(peer.index);
    for (CheckedPeer other : peers) {
      heldUntil[other.index][peer.index] = 0;
      if (hostSaysSo && other.alive) {
        linkNews(peer, other, LinkEvent.DOWN);
      }
    }
  }

  // ---- what it looks like ----

  @Override
  public long now() {
    return now;
  }

  @Override
  public long digest() {
    digest.begin();
    left.addTo(digest);
    for (CheckedPeer peer : peers) {
      digest.add(
          (peer.alive ? 1 : 0)
              | (peer.hostUp ? 2 : 0)
              | (peer.joined ? 4 : 0)
              | (peer.joining ? 8 : 0)
              | (peer.left ? 16 : 0)
              | (peer.pausedUntil == 0 ? 0 : peer.pausedUntil - now) << 8);
      if (peer.alive) {
        digest.add(fingerprint(peer));
        for (var timer : peer.timers.entrySet()) {
          digest.add(timer.getKey());
          digest.add(timer.getValue() - now);
        }
      }
      for (int to = 0; to < peers.length; to++) {
        digest.add(Math.max(0, heldUntil[peer.index][to] - now));
        for (Sent sent : links.between(peer.index, to)) {
          digest.add(sent.what(), now, peers[sent.asker()].latestQuestion);
          digest.add(rules.slowest() == Long.MAX_VALUE ? 0 : sent.at() - now);
        }
      }
    }
    digestMore(digest);
    return digest.value();
  }

  private long fingerprint(CheckedPeer peer) {
    if (peer.fingerprintAt != now) {
      own.begin();
      own.add(peer.ring, peer.local());
      peer.fingerprint = own.value();
      peer.fingerprintAt = now;
    }
    return peer.fingerprint;
  }

  /** What a subclass remembers of the past and judges by. */
  void digestMore(StateDigest more) {}

  @Override
  public String describe(int choice) {
    Sent first = links.between(Choice.one(choice), Choice.other(choice)).peekFirst();
    String message = first == null ? "nothing" : readable(first.what().toString());
    long later = Math.max(now, nextTime());
    return Times.seconds(now)
        + "  "
        + Choice.describe(choice, rules, Names.first(peers.length), message, later);
  }

  /** Peers by their letters. */
  String readable(String text) {
    return Names.readable(
        text.replace("Optional.empty", "nobody"),
        Arrays.stream(peers).map(peer -> peer.ref).toList());
  }
}
