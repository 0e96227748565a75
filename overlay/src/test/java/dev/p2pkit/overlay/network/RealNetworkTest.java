// What a ring promises, on hosts of its own: processes, cables and clocks that really stop.
package dev.p2pkit.overlay.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.ring.RingConfig;
import dev.p2pkit.overlay.simulator.oracle.Findings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Five processes on five hosts, each of which calls keys of all others all the time, while things
 * happen to them one after the other. After each, every key must be reached again from everywhere,
 * and the logs of all processes together must bear the oracles.
 */
class RealNetworkTest {
  private static final Logger LOG = LoggerFactory.getLogger(RealNetworkTest.class);
  private static final int HOSTS = 5;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** The length of the pause of a whole process. */
  private static final long PAUSE_MICROS = 10_000_000;

  private static final long STALL_MICROS = 2_000_000;

  @TempDir private Path directory;

  private final List<Path> files = new ArrayList<>();
  private final RunLog log = new RunLog(files);
  private final HostProcess[] processes = new HostProcess[HOSTS];
  private final int[] starts = new int[HOSTS];
  private Optional<Weather> weather = Optional.empty();
  private Namespaces network;

  @BeforeEach
  void makeHosts() throws Exception {
    Optional<String> missing = Namespaces.missing();
    assumeTrue(missing.isEmpty(), missing.orElse(""));
    network = Namespaces.make(HOSTS);
  }

  private void growRing() throws Exception {
    launch(0, List.of());
    awaitJoined(0);
    for (int host = 1; host < HOSTS; host++) {
      launch(host, List.of(entryPoint(0)));
    }
    awaitWholeRing(HOSTS, 0);
  }

  @AfterEach
  void stop() throws Exception {
    for (HostProcess process : processes) {
      if (process != null) {
        process.close();
      }
    }
    if (network != null) {
      network.close();
    }
  }

  private String entryPoint(int host) {
    int port = HostProcess.PORT + (weather.isPresent() ? NetworkHost.PATH_PORTS : 0);
    return network.address(host) + ":" + port;
  }

  private void launch(int host, List<String> joins) throws Exception {
    HostProcess process =
        HostProcess.start(
            network.on(host),
            network.address(host),
            directory.resolve("host-" + host),
            host,
            starts[host]++,
            weather,
            joins);
    processes[host] = process;
    files.add(process.file());
  }

  private void awaitJoined(int host) {
    await()
        .atMost(LIMIT)
        .until(() -> RunLog.joined(processes[host].file()) || !processes[host].isAlive());
    assertThat(processes[host].isAlive()).isTrue();
  }

  private PeerRef peer(int host) {
    return RunLog.peer(processes[host].file()).orElseThrow();
  }

  /** Everybody sees so many peers and has reached all keys since then. */
  private void awaitWholeRing(int size, long since) {
    await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(200))
        .untilAsserted(
            () -> {
              for (HostProcess process : processes) {
                if (process.isAlive()) {
                  assertThat(RunLog.view(process.file())).isEqualTo(size);
                  assertThat(RunLog.keysReached(process.file(), since)).isEqualTo(NetworkHost.KEYS);
                }
              }
            });
  }

  private static long now() {
    return System.nanoTime() / 1_000;
  }

  private void assertTruth() {
    Findings findings = log.check();
    assertThat(findings.broken()).as(findings.toString()).isZero();
  }

  /** Of these hosts the one that has answered most calls since then: its loss is felt most. */
  private int busiest(List<Integer> hosts, long since) {
    return hosts.stream()
        .max(
            Comparator.comparingLong(host -> RunLog.callsAnsweredBy(processes[host].file(), since)))
        .orElseThrow();
  }

  private void awaitKeysFrom(List<Integer> hosts, long since) {
    await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(200))
        .untilAsserted(
            () -> {
              for (int host : hosts) {
                assertThat(RunLog.keysReached(processes[host].file(), since))
                    .isEqualTo(NetworkHost.KEYS);
              }
            });
  }

  private List<Integer> others(int host) {
    return IntStream.range(0, HOSTS).filter(other -> other != host).boxed().toList();
  }

  @Test
  void aRingOutlivesAKilledProcessItsRestartAPauseOfTenSecondsAndAPulledPlug() throws Exception {
    growRing();
    assertTruth();

    // A process dies; its host says so.
    int victim = busiest(others(0), 0);
    long killed = now();
    processes[victim].kill();
    log.died(processes[victim].file());
    awaitWholeRing(HOSTS - 1, killed);
    report("process killed", killed, others(victim));
    assertTruth();

    // It is started again, with the same identity.
    long restarted = now();
    launch(victim, List.of(entryPoint(0), entryPoint(victim == 1 ? 2 : 1)));
    awaitJoined(victim);
    awaitWholeRing(HOSTS, restarted);
    report("process restarted", restarted, others(-1));
    assertTruth();

    // A whole process stands still for ten seconds and wakes up in a world that went on.
    int sleeper = busiest(others(victim), restarted);
    processes[sleeper].pause();
    long paused = now();
    awaitKeysFrom(others(sleeper), paused);
    report("process paused", paused, others(sleeper));
    TimeUnit.MICROSECONDS.sleep(paused + PAUSE_MICROS - now());
    long resumed = now();
    processes[sleeper].resume();
    awaitWholeRing(HOSTS, resumed);
    report("process goes on after 10 s", resumed, others(-1));
    assertTruth();

    // A host is gone without a word.
    int lost = busiest(others(sleeper), resumed);
    long unplugged = now();
    log.told("DIVIDE " + peer(lost).id());
    network.unplug(lost);
    awaitKeysFrom(others(lost), unplugged);
    report("host gone silently", unplugged, others(lost));
    assertTruth();
  }

  @Test
  void eachSideOfAPartitionServesAndTheyBecomeOneRingAgain() throws Exception {
    growRing();
    List<Integer> left = IntStream.range(0, HOSTS).filter(network::isLeft).boxed().toList();
    List<Integer> right =
        IntStream.range(0, HOSTS).filter(host -> !network.isLeft(host)).boxed().toList();
    long divided = now();
    log.told(
        "DIVIDE "
            + left.stream()
                .map(host -> peer(host).id().toString())
                .collect(Collectors.joining(" ")));
    network.divide();
    awaitKeysFrom(left, divided);
    report("partition, smaller side", divided, left);
    awaitKeysFrom(right, divided);
    report("partition, larger side", divided, right);
    assertTruth();

    network.unite();
    long united = now();
    log.told("UNITE");
    awaitWholeRing(HOSTS, united);
    report("partition healed", united, others(-1));
    assertTruth();
  }

  @Test
  void whereThePathBetweenTwoNeighboursIsClosedBothKeepTheirPlacesAndArcs() throws Exception {
    growRing();
    List<Integer> round =
        others(-1).stream().sorted(Comparator.comparing(host -> peer(host).id())).toList();
    int holder = round.get(1);
    int grantor = round.get(2);
    long closed = now();
    network.closePath(holder, grantor);
    // Whatever was granted straight is over by then.
    awaitKeysFrom(others(-1), closed + 2 * RingConfig.FAST.lease().length());
    for (int host : others(-1)) {
      int least = RunLog.smallestView(processes[host].file(), closed).orElse(HOSTS);
      assertThat(least).as("peers that host %d has seen", host).isEqualTo(HOSTS);
    }
    report("path between two neighbours closed", closed, others(-1));
    assertTruth();

    network.openPath(holder, grantor);
    awaitWholeRing(HOSTS, now());
    assertTruth();
  }

  /** 20 to 60 ms one way, every fiftieth segment lost, 2 MB/s; and a stall of a whole host. */
  @Test
  void aRingGrowsAndTellsTheTruthOnSlowPathsThatLoseAndStall() throws Exception {
    weather = Optional.of(new Weather(20, 15, 20, 2_000_000));
    long begun = now();
    growRing();
    report("slow paths", begun, others(-1));
    assertTruth();

    // Nothing reaches one host for two seconds, and no reset tells it: less than a death takes.
    int stalled = busiest(others(0), 0);
    processes[stalled].cut(others(stalled).stream().map(network::address).toList());
    TimeUnit.MICROSECONDS.sleep(STALL_MICROS);
    long mended = now();
    processes[stalled].mend();
    awaitWholeRing(HOSTS, mended);
    report("a path stalled for 2 s", mended, others(-1));
    assertTruth();
  }

  private void report(String what, long since, List<Integer> hosts) {
    long last = 0;
    for (int host : hosts) {
      last = Math.max(last, RunLog.allKeysReachedAt(processes[host].file(), since));
    }
    LOG.info("{}: all keys answered everywhere after {} ms", what, (last - since) / 1_000);
  }
}
