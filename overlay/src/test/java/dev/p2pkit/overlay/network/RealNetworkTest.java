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
 * Five processes on five hosts, each of which calls keys of all others and broadcasts to them all
 * the time, while things happen to them one after the other. After each, every key must have one
 * owner again, be reached from everywhere, and every broadcast must be where it should be; and the
 * logs of all processes together must bear the oracles. How long that took is told and not judged,
 * but for {@link #LIMIT}: the machine may have other things to do.
 */
class RealNetworkTest {
  private static final Logger LOG = LoggerFactory.getLogger(RealNetworkTest.class);
  private static final int HOSTS = 5;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** The length of the pause of a whole process. */
  private static final long PAUSE_MICROS = 10_000_000;

  private static final long STALL_MICROS = 2_000_000;

  @TempDir private Path directory;

  private final RunLog log = new RunLog();
  private final HostProcess[] processes = new HostProcess[HOSTS];
  private final int[] starts = new int[HOSTS];
  private RingConfig profile = RingConfig.FAST;
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
    await().atMost(LIMIT).until(() -> processes[0].file().joined() || !processes[0].isAlive());
    assertThat(processes[0].isAlive()).isTrue();
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
            profile.equals(RingConfig.FAST),
            weather,
            joins);
    processes[host] = process;
    log.add(process.file());
  }

  private LogFile file(int host) {
    return processes[host].file();
  }

  private PeerRef peer(int host) {
    return file(host).peer().orElseThrow();
  }

  private List<LogFile> files(List<Integer> hosts) {
    return hosts.stream().map(this::file).toList();
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
                  assertThat(process.file().joined()).isTrue();
                  assertThat(process.file().view()).isEqualTo(size);
                  assertThat(process.file().keysReached(since)).isEqualTo(NetworkHost.KEYS);
                }
              }
            });
  }

  private static long now() {
    return RunLog.now();
  }

  private void assertTruth() {
    Findings findings = log.check(0).findings();
    assertThat(findings.broken()).as(findings.toString()).isZero();
  }

  /** All broadcasts until now have reached those who were there throughout. */
  private void awaitBroadcasts() {
    long begun = now();
    await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(200))
        .untilAsserted(
            () -> {
              RunLog.Verdict verdict = log.check(begun);
              assertThat(verdict.findings().broken()).as(verdict.findings().toString()).isZero();
              assertThat(verdict.broadcasts()).isPositive();
            });
    RunLog.Verdict verdict = log.check(begun);
    LOG.info(
        "{} broadcasts are everywhere, {} were delivered",
        verdict.broadcasts(),
        verdict.deliveries());
  }

  /** Of these hosts the one that has answered most calls since then: its loss is felt most. */
  private int busiest(List<Integer> hosts, long since) {
    return hosts.stream()
        .max(Comparator.comparingLong(host -> file(host).callsAnswered(since)))
        .orElseThrow();
  }

  private void awaitKeysFrom(List<Integer> hosts, long since) {
    await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(200))
        .untilAsserted(
            () -> {
              for (int host : hosts) {
                assertThat(file(host).keysReached(since)).isEqualTo(NetworkHost.KEYS);
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
    log.killed(file(victim));
    awaitWholeRing(HOSTS - 1, killed);
    report("process killed", killed, others(victim));
    assertTruth();

    // It is started again, with the same identity.
    long restarted = now();
    launch(victim, List.of(entryPoint(0), entryPoint(victim == 1 ? 2 : 1)));
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
    awaitBroadcasts();

    // A host is gone without a word.
    int lost = busiest(others(sleeper), resumed);
    long unplugged = now();
    log.told("DIVIDE " + peer(lost).id());
    log.cutOff(file(lost));
    network.unplug(lost);
    awaitKeysFrom(others(lost), unplugged);
    report("host gone silently", unplugged, others(lost));
    awaitBroadcasts();
  }

  @Test
  void eachSideOfAPartitionServesAndTheyBecomeOneRingAgain() throws Exception {
    profile = RingConfig.DEFAULT;
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
    awaitBroadcasts();
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
    awaitKeysFrom(others(-1), closed + 2 * profile.lease().length());
    for (int host : others(-1)) {
      int least = file(host).smallestView(closed).orElse(HOSTS);
      assertThat(least).as("peers that host %d has seen", host).isEqualTo(HOSTS);
    }
    report("path between two neighbours closed", closed, others(-1));
    assertTruth();

    network.openPath(holder, grantor);
    awaitWholeRing(HOSTS, now());
    awaitBroadcasts();
  }

  /** 20 to 60 ms one way, every fiftieth segment lost, 2 MB/s; and a stall of a whole host. */
  @Test
  void aRingGrowsAndTellsTheTruthOnSlowPathsThatLoseAndStall() throws Exception {
    profile = RingConfig.DEFAULT;
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
    awaitBroadcasts();
  }

  /** Waits until these own every key between them, and tells when that was. */
  private void report(String what, long since, List<Integer> hosts) {
    List<LogFile> files = files(hosts);
    await().atMost(LIMIT).until(() -> RunLog.ringOf(files, since).isPresent());
    long owned = RunLog.ringOf(files, since).orElseThrow();
    long reached =
        files.stream().mapToLong(file -> file.allKeysReachedAt(since)).max().orElseThrow();
    LOG.info(
        "{}: every key owned once after {} ms, all answered everywhere after {} ms",
        what,
        (owned - since) / 1_000,
        (reached - since) / 1_000);
  }
}
