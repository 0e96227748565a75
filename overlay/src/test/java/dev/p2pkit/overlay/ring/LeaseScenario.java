// Faults of all kinds at random, while nobody may serve what another serves.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.Holding.Tenure;
import dev.p2pkit.overlay.simulator.NetworkConditions;
import dev.p2pkit.overlay.simulator.SimulatedPeer;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.OwnershipMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * A random run: peers join, leave, die with and without a word, restart and pause for up to 15
 * seconds, short cuts come and go, clocks run up to 1 % fast or slow, messages are lost, doubled
 * and overtaken. Every 20 ms all that is served is compared. In the end there is peace, and every
 * key must be served again.
 */
final class LeaseScenario {
  private static final double LOOK_EVERY = 0.02;

  /** Nobody is taken for dead after a shorter cut, so there is one ring after it. */
  private static final double LONGEST_CUT = 2.4;

  private record Served(RingPeer by, Key after, Key upTo) {}

  private final RingScenario ring;
  private final SplittableRandom random;
  private final long seed;
  private double cutUntil;
  private double time;

  private LeaseScenario(long seed) {
    this.seed = seed;
    ring = new RingScenario(seed);
    random = new SplittableRandom(seed ^ 0x5EED);
  }

  static void run(long seed) {
    new LeaseScenario(seed).play();
  }

  private void play() {
    ring.clocks = random.split();
    NetworkConditions bad =
        NetworkConditions.DEFAULT
            .withLoss(random.nextInt(5) * 0.02)
            .withDuplication(random.nextInt(2) * 0.05)
            .withReordering(random.nextInt(2) * 0.05)
            .withLinkLoss(random.nextInt(2) * 0.001)
            .withCodecShare(0.1);
    int size = random.nextInt(3) == 0 ? 3 + random.nextInt(3) : 3 + random.nextInt(38);
    ring.grow(size);
    ring.simulation.conditions(bad);
    int steps = 10 + random.nextInt(25);
    for (int step = 0; step < steps; step++) {
      fault();
      watch(random.nextDouble() * 3);
    }
    ring.simulation.conditions(NetworkConditions.DEFAULT);
    ring.simulation.mendAll();
    ring.peers.forEach(peer -> peer.process.resume());
    watch(25);
    for (int more = 0; more < 60 && unserved().isPresent(); more++) {
      watch(1);
    }
    unserved()
        .ifPresent(
            who -> {
              throw new AssertionError("seed " + seed + ": " + who);
            });
  }

  /** A peer around which keys are served by nobody. */
  private Optional<String> unserved() {
    List<RingPeer> members = ring.members();
    StringBuilder all = new StringBuilder();
    members.forEach(
        member ->
            all.append('\n').append(member.ring.view().members()).append(member.ring.lease()));
    return members.stream()
        .filter(
            member ->
                RingOracle.owners(members, member.id().position()) != 1
                    || RingOracle.owners(members, member.id().position().plus(Key.of(1))) != 1)
        .findFirst()
        .map(member -> "nobody serves the keys around " + member + all);
  }

  private void watch(double seconds) {
    double end = time + seconds;
    while (time < end) {
      ring.run(LOOK_EVERY);
      time += LOOK_EVERY;
      if (cutUntil > 0 && time >= cutUntil) {
        ring.simulation.unite();
        cutUntil = 0;
      }
      nobodyServesWhatAnotherServes();
    }
  }

  private void nobodyServesWhatAnotherServes() {
    List<Served> all = new ArrayList<>();
    for (RingPeer peer : ring.peers) {
      if (peer.process.alive() && !peer.process.paused() && peer.ring.view().joined()) {
        Tenure tenure = peer.ring.view().holding().tenure(OwnershipMode.STRICT);
        if (peer.process.now() < tenure.until()) {
          all.add(new Served(peer, tenure.after(), tenure.upTo()));
        }
      }
    }
    all.sort(Comparator.comparing(Served::upTo));
    for (int i = 0; i < all.size(); i++) {
      Served one = all.get(i);
      Served before = all.get((i + all.size() - 1) % all.size());
      boolean overlap =
          all.size() > 1
              && (before.upTo().equals(one.upTo())
                  || one.after().equals(one.upTo())
                  || (!one.after().equals(before.upTo())
                      && !one.after().isIn(before.upTo(), one.upTo())));
      if (overlap) {
        throw new AssertionError(
            "seed "
                + seed
                + ", "
                + ring.simulation.now()
                + " µs: both "
                + one
                + " and "
                + before
                + " serve\n"
                + one.by().ring.lease()
                + "\n"
                + before.by().ring.lease());
      }
    }
  }

  private void fault() {
    List<RingPeer> members = ring.members();
    if (members.isEmpty()) {
      return;
    }
    RingPeer one = members.get(random.nextInt(members.size()));
    RingPeer other = members.get(random.nextInt(members.size()));
    long awake = members.stream().filter(peer -> !peer.process.paused()).count();
    boolean enough = awake > 2;
    switch (random.nextInt(12)) {
      case 0, 1 -> {
        if (ring.peers.size() < 60) {
          ring.joiner(one, other);
        }
      }
      case 2 -> {
        if (enough) {
          one.process.kill();
        }
      }
      case 3, 4 -> {
        if (enough) {
          one.process.killHost();
        }
      }
      case 5 -> {
        if (enough && !one.process.paused()) {
          one.leave();
        }
      }
      case 6, 7 -> pause(one, 3_000 + random.nextInt(12_000));
      case 8 -> {
        if (one != other && enough) {
          one.process.restart();
          one.boot();
          one.join(other);
        }
      }
      case 9 -> cut(members);
      case 10 -> massKill(members);
      default -> {
        if (random.nextInt(4) == 0) {
          members.forEach(peer -> pause(peer, 3_000 + random.nextInt(12_000)));
        } else {
          pause(one, random.nextInt(5_000));
        }
      }
    }
  }

  private void pause(RingPeer peer, long millis) {
    peer.process.pause();
    ring.simulation.after(Duration.ofMillis(millis), peer.process::resume);
  }

  private void cut(List<RingPeer> members) {
    if (cutUntil > 0 || members.size() < 2) {
      return;
    }
    List<SimulatedPeer> left = new ArrayList<>();
    List<SimulatedPeer> right = new ArrayList<>();
    members.forEach(peer -> (random.nextBoolean() ? left : right).add(peer.process));
    ring.simulation.partition(List.of(left, right));
    cutUntil = time + random.nextDouble() * LONGEST_CUT;
  }

  private void massKill(List<RingPeer> members) {
    if (random.nextInt(3) > 0) {
      return;
    }
    boolean silent = random.nextBoolean();
    double share = 0.1 + random.nextDouble() * 0.6;
    int left = members.size();
    for (RingPeer peer : members) {
      if (left > 3 && random.nextDouble() < share) {
        left--;
        if (silent) {
          peer.process.killHost();
        } else {
          peer.process.kill();
        }
      }
    }
  }

  /** Many runs, for those who look for a failure: first seed, number. */
  public static void main(String[] arguments) {
    long first = Long.parseLong(arguments[0]);
    int failures = 0;
    int count = Integer.parseInt(arguments[1]);
    for (long seed = first; seed < first + count; seed++) {
      try {
        run(seed);
      } catch (AssertionError | RuntimeException e) {
        failures++;
        System.out.println("FAIL " + seed + " " + e.getMessage());
      }
    }
    System.out.println(count + " runs, " + failures + " failures");
  }
}
