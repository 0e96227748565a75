// The memory of an arc is larger than a frame: it goes ahead of the arc, whatever happens
// meanwhile.
package dev.p2pkit.overlay.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.machine.ArcMemory.Copy;
import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.routing.RoutingWorld.Host;
import dev.p2pkit.overlay.simulator.NetworkConditions;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.OwnershipMode;
import dev.p2pkit.sdk.PeerId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/**
 * Real rings and routers, 40 ms one way. What a peer remembers is made up: messages of strangers
 * that another peer has accepted, {@value #MESSAGES} of them, 26 bytes each, all over the ring.
 */
class LargeMemoryTest {
  private static final int MESSAGES = 160_000;
  private static final int ORIGINS = 40;

  /** By then the first peer serves everything, in microseconds. */
  private static final long BEGINNING = 100_000;

  private static final RoutingFrame.Settled NOTHING = new RoutingFrame.Settled(1, new long[0]);

  private static final PeerRef ACCEPTOR =
      new PeerRef(new PeerId(Key.hash("acceptor")), new Endpoint("acceptor", 1), 1);

  /** Messages {@code from} to {@code to} of the made up ones. */
  private record Messages(int from, int to) implements ArcLedger.Memories {
    @Override
    public long order() {
      return 0;
    }

    @Override
    public void forEachAccepted(Key after, Key upTo, long since, ArcLedger.Visitor visitor) {
      for (int origin = 0; origin < ORIGINS; origin++) {
        PeerId id = new PeerId(Key.hash("origin " + origin));
        visitor.origin(id, NOTHING, Duration.ofMinutes(9).toNanos() / 1_000);
        for (int i = from + origin; i < to; i += ORIGINS) {
          if (key(i).isIn(after, upTo)) {
            visitor.accepted(id, i + 1, key(i), ACCEPTOR);
          }
        }
      }
    }

    @Override
    public boolean close(PeerId origin, RoutingFrame.Settled closed, long straysFor) {
      return true;
    }

    @Override
    public boolean remember(PeerId origin, long id, Key key, PeerRef acceptor) {
      return true;
    }
  }

  private static Key key(int message) {
    long mixed = (message + 1) * 0x9e3779b97f4a7c15L;
    return new Key(mixed ^ (mixed >>> 29), mixed);
  }

  private final List<Long> unserved = new ArrayList<>();

  /** A world of one peer in a ring that has everything, and others outside. */
  private static RoutingWorld world(int seed, int hosts) {
    RoutingWorld world = new RoutingWorld(seed, hosts);
    world.simulation.conditions(NetworkConditions.DEFAULT.withLatency(40_000, 1_000));
    world.host(0).joinRing(null);
    world.run(100);
    learns(world, world.host(0), 0, MESSAGES);
    return world;
  }

  private static void learns(RoutingWorld world, Host host, int from, int to) {
    Key end = host.peer.id().position();
    for (byte[] part : copy(from, to, end, end).parts()) {
      assertThat(host.router.arcMemory(world.simulation.now()).take(end, end, part)).isTrue();
    }
  }

  private static Copy copy(int from, int to, Key after, Key upTo) {
    return new ArcLedger(new Messages(from, to)).copy(after, upTo, 0, 1 << 20).orElseThrow();
  }

  /** How many of the made up messages lie in an arc. */
  private static int count(int to, Key after, Key upTo) {
    int count = 0;
    for (int i = 0; i < to; i++) {
      count += key(i).isIn(after, upTo) ? 1 : 0;
    }
    return count;
  }

  private static boolean serves(RoutingWorld world, Host host, Key key) {
    return host.joined()
        && host.ring.view().holding().mayServe(key, world.simulation.now(), OwnershipMode.STRICT);
  }

  private static OptionalLong since(Host host, Key key) {
    return host.ring.view().holding().tenure(OwnershipMode.STRICT).since(key);
  }

  private static int remembered(Host host) {
    return host.router.statistics().remembered();
  }

  /** Runs until the heir serves; notes for how long in between nobody served. */
  private void untilServes(RoutingWorld world, Key key, Host heir, int seconds) {
    long end = world.simulation.now() + seconds * 1_000_000L;
    unserved.clear();
    while (!serves(world, heir, key)) {
      assertThat(world.simulation.now()).as("served in time").isLessThan(end);
      world.run(5);
      if (world.hosts.stream().noneMatch(host -> serves(world, host, key))) {
        unserved.add(world.simulation.now());
      }
    }
  }

  private void unservedAtMost(int millis) {
    assertThat(unserved).hasSizeLessThanOrEqualTo(millis / 5);
  }

  /** A key in the arc that the heir gets of the giver, when both are alone. */
  private static Key keyOf(Host heir) {
    return heir.peer.id().position();
  }

  private static void hasAll(Host giver, Host heir, int messages) {
    Key after = giver.peer.id().position();
    assertThat(remembered(heir)).isEqualTo(count(messages, after, keyOf(heir)));
    // It answers for what was accepted before it came.
    assertThat(since(heir, keyOf(heir)).orElseThrow()).isLessThan(BEGINNING);
  }

  /** A world in which each peer but the first would get at least half of what that one has. */
  private static RoutingWorld halved(int peers) {
    RoutingWorld world = world(1, 1);
    Key first = keyOf(world.host(0));
    for (int i = 0; world.hosts.size() < peers; i++) {
      Host next = world.add("other " + i, RouterConfig.DEFAULT);
      if (first.distanceTo(keyOf(next)).high() >= 0) {
        world.hosts.remove(next);
      }
    }
    return world;
  }

  /** Lets a peer join, up to the moment when it has more than so many of the messages. */
  private static void joinsUntilItHas(int messages, RoutingWorld world, Host heir, Host giver) {
    heir.joinRing(giver);
    Duration limit = Duration.ofSeconds(10);
    assertThat(world.simulation.runUntil(() -> remembered(heir) > messages, limit)).isTrue();
  }

  @Test
  void aNewcomerGetsAMemoryOfSeveralMebibytesWhileTheGiverServesOn() {
    RoutingWorld world = halved(2);
    Host giver = world.host(0);
    Host heir = world.host(1);
    assertThat(copy(0, MESSAGES, keyOf(giver), keyOf(heir)).bytes()).isGreaterThan(2 << 20);
    heir.joinRing(giver);
    untilServes(world, keyOf(heir), heir, 10);
    hasAll(giver, heir, MESSAGES);
    // The giver alone registers with nobody: the arc itself is one way.
    unservedAtMost(100);
  }

  @Test
  void whatComesWhileTheMemoryIsOnItsWayFollows() {
    RoutingWorld world = halved(2);
    Host giver = world.host(0);
    Host heir = world.host(1);
    joinsUntilItHas(10_000, world, heir, giver);
    int messages = MESSAGES + 50_000;
    learns(world, giver, MESSAGES, messages);
    // Until it stops to serve, something comes all the time: the last of it goes with the arc.
    for (; serves(world, giver, keyOf(heir)); world.run(5)) {
      learns(world, giver, messages, messages + 50);
      messages += 50;
    }
    assertThat(remembered(heir)).isLessThan(count(messages, keyOf(giver), keyOf(heir)));
    untilServes(world, keyOf(heir), heir, 10);
    hasAll(giver, heir, messages);
  }

  @Test
  void partsAndAnswersThatAreLostAreSentAgain() {
    RoutingWorld world = halved(2);
    Host giver = world.host(0);
    Host heir = world.host(1);
    joinsUntilItHas(0, world, heir, giver);
    world.simulation.conditions(
        NetworkConditions.DEFAULT
            .withLatency(40_000, 1_000)
            .withLoss(0.08)
            .withDuplication(0.05)
            .withReordering(0.1));
    untilServes(world, keyOf(heir), heir, 60);
    hasAll(giver, heir, MESSAGES);
  }

  @Test
  void aTakerThatDiesHalfWayLeavesTheArcWhereItIsAndTheNextOneGetsAll() {
    RoutingWorld world = halved(3);
    Host giver = world.host(0);
    Host first = world.host(1);
    Host second = world.host(2);
    joinsUntilItHas(20_000, world, first, giver);
    first.die();
    for (int i = 0; i < 600; i++) {
      world.run(20);
      assertThat(serves(world, giver, keyOf(first))).isTrue();
    }
    second.joinRing(giver);
    untilServes(world, keyOf(second), second, 20);
    hasAll(giver, second, MESSAGES);
  }

  @Test
  void anotherProcessOfATakerThatDiedHalfWayBeginsAnew() {
    RoutingWorld world = halved(2);
    Host giver = world.host(0);
    Host heir = world.host(1);
    joinsUntilItHas(20_000, world, heir, giver);
    heir.die();
    heir.restart(RouterConfig.DEFAULT);
    heir.joinRing(giver);
    untilServes(world, keyOf(heir), heir, 30);
    hasAll(giver, heir, MESSAGES);
  }

  @Test
  void whenTheGiverDiesHalfWayTheHeirServesAsOneThatKnowsNothing() {
    RoutingWorld world = halved(3);
    Host giver = world.host(0);
    boolean nearer = keyOf(world.host(1)).isIn(keyOf(giver), keyOf(world.host(2)));
    Host heir = world.host(nearer ? 1 : 2);
    Host holder = world.host(nearer ? 2 : 1);
    holder.joinRing(giver);
    untilServes(world, keyOf(holder), holder, 20);
    joinsUntilItHas(20_000, world, heir, giver);
    assertThat(serves(world, holder, keyOf(heir))).isTrue();
    holder.die();
    long died = world.simulation.now();
    untilServes(world, keyOf(heir), heir, 60);
    assertThat(since(heir, keyOf(heir)).orElseThrow()).isGreaterThan(died);
  }

  @Test
  void whoLeavesGivesAMemoryOfSeveralMebibytesToTheNextPeer() {
    RoutingWorld world = halved(2);
    Host giver = world.host(0);
    Host heir = world.host(1);
    heir.joinRing(giver);
    untilServes(world, keyOf(giver), giver, 10);
    untilServes(world, keyOf(heir), heir, 10);
    world.run(3_000);
    // The first peer has the rest of the ring; what it leaves goes to the other.
    learns(world, giver, MESSAGES, MESSAGES + 80_000);
    giver.leaveRing();
    untilServes(world, keyOf(giver), heir, 20);
    assertThat(remembered(heir)).isEqualTo(MESSAGES + count80(giver, heir));
    assertThat(since(heir, keyOf(giver)).orElseThrow()).isLessThan(BEGINNING);
    unservedAtMost(300);
  }

  /** How many of the later messages lie in the arc of the giver. */
  private static int count80(Host giver, Host heir) {
    return count(MESSAGES + 80_000, keyOf(heir), keyOf(giver))
        - count(MESSAGES, keyOf(heir), keyOf(giver));
  }
}
