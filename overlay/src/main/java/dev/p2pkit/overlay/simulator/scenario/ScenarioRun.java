// Plays a scenario from beginning to end and measures it.
package dev.p2pkit.overlay.simulator.scenario;

import dev.p2pkit.overlay.simulator.oracle.Findings.Finding;
import dev.p2pkit.overlay.simulator.oracle.OutcomeOracle.Ending;
import dev.p2pkit.overlay.simulator.oracle.Promise;
import dev.p2pkit.overlay.simulator.oracle.ShapeOracle;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Plays a scenario: the ring is there or joins, then come faults, messages and broadcasts for the
 * length of the scenario, then the faults end and the ring has to become whole.
 */
public final class ScenarioRun {
  private static final long SECOND = 1_000_000;

  /** How long a formed ring runs before anything is measured: leases and timers spread. */
  private static final long WARM_UP = 5 * SECOND;

  /**
   * When no dead contact is known any more after the last fault: where nobody comes or goes each is
   * asked every 150 s while the budget is not used up, and was asked just before it died; a table
   * that becomes narrower just then keeps it as a hint for 120 s, and 10 s are for two questions.
   */
  private static final long CONTACTS_ASKED = 280 * SECOND;

  /** Up to this size the served share is looked at often. */
  private static final int SMALL = 20_000;

  private final Scenario scenario;
  private final long seed;
  private final RunOptions options;
  private final World world;
  private final Coverage coverage;
  private final Happenings happenings;
  private final Bounds bounds;
  private final List<Second> seconds = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();
  private final Map<Purpose, Long> bytesBefore = new EnumMap<>(Purpose.class);
  private final long heapBefore;
  private double memberSeconds;
  private int latenciesSeen;
  private long failedSeen;
  private long eventsBefore;
  private long begunAt;
  private double settled = Double.NaN;
  private long firstFailure = Long.MAX_VALUE;
  private long wallNanos;
  private long processorNanos;

  private ScenarioRun(Scenario scenario, long seed, RunOptions options) {
    this.scenario = scenario;
    this.seed = seed;
    this.options = options;
    heapBefore = options.memory() ? usedHeap() : 0;
    world = new World(scenario, seed, options);
    coverage = new Coverage(world);
    happenings = new Happenings(world, coverage);
    bounds = new Bounds(world);
  }

  /**
   * Plays a scenario, on this thread; a large one takes minutes of it and gigabytes.
   *
   * @param seed which run: the same scenario and seed give the same run, event by event
   * @return also of a run in which something has crashed, a peer or what plays and watches it: that
   *     is a failure of the run
   * @throws IllegalStateException if there is no report, for want of memory for example; names the
   *     seed
   */
  public static Report play(Scenario scenario, long seed, RunOptions options) {
    try {
      return new ScenarioRun(scenario, seed, options).play();
    } catch (RuntimeException | Error e) {
      throw unplayed(scenario.name(), seed, e);
    }
  }

  /** A run of which there is no report. */
  static IllegalStateException unplayed(String scenario, long seed, Throwable cause) {
    return new IllegalStateException(
        "seed " + seed + " of the scenario '" + scenario + "' could not be played: " + cause,
        cause);
  }

  /**
   * Plays a failed run again, up to a little after the failure, and writes down what happens before
   * it.
   *
   * @param lines how many lines are kept, the last ones
   */
  public static Transcript explain(Report failed, int lines) {
    Transcript transcript = new Transcript(lines);
    long until = failed.failedAt() < 0 ? Long.MAX_VALUE : failed.failedAt() + SECOND / 2;
    RunOptions options = RunOptions.PLAIN.withTranscript(transcript, until);
    Report unused = play(failed.scenario(), failed.seed(), options);
    return transcript;
  }

  private Report play() {
    try {
      begin();
      long wall = System.nanoTime();
      long processor = processorNanos();
      measure();
      wallNanos = System.nanoTime() - wall;
      processorNanos = processorNanos() - processor;
      finish();
    } catch (RuntimeException | AssertionError | StackOverflowError crash) {
      crashed(crash);
    }
    return report();
  }

  /** What a seed leads to again is a failure of its run, whoever has crashed. */
  private void crashed(Throwable crash) {
    String known = "seed " + seed + ", ";
    String said = String.valueOf(crash.getMessage());
    // Of a step of a peer the simulation says seed, time and peer.
    String text =
        said.startsWith(known)
            ? "a peer has crashed: " + said
            : "the run has crashed: " + known + world.now() + " µs: " + crash + where(crash);
    failures.add(text);
    world.log(() -> "crash: " + text);
  }

  private static String where(Throwable crash) {
    StackTraceElement[] frames = crash.getStackTrace();
    return frames.length == 0 ? "" : " at " + frames[0];
  }

  private boolean over() {
    return world.now() >= options.stopAt();
  }

  private void run(long micros) {
    long most = Math.min(micros, options.stopAt() - world.now());
    if (most > 0) {
      world.simulation.runFor(Duration.of(most, ChronoUnit.MICROS));
    }
  }

  private void begin() {
    if (scenario.formed()) {
      options.progress().at(0, "forming the ring");
      world.form();
      run(WARM_UP);
    } else {
      world.simulation.conditions(scenario.conditions().calm());
      world.found();
      run(SECOND);
      for (int i = 1; i < scenario.peers() && !over(); i++) {
        world.join();
        run(SECOND / 10);
        options.progress().at(0, "joining: " + world.members().size());
      }
      long limit = world.now() + 300 * SECOND;
      while (world.joining() > 0 && world.now() < limit && !over()) {
        run(SECOND);
      }
      run(WARM_UP);
      world.simulation.conditions(scenario.conditions());
    }
    begunAt = world.now();
    eventsBefore = world.simulation.statistics().occurrences();
    for (Purpose purpose : Purpose.values()) {
      bytesBefore.put(purpose, world.traffic.bytes(purpose));
    }
  }

  private void measure() {
    happenings.start();
    world.workload().start();
    world.casts().start(happenings::faultless);
    look();
    lookAtShape();
    int length = (int) (scenario.length() / SECOND);
    for (int second = 0; second < length && !over(); second++) {
      Map<Purpose, Long> before = bytes();
      run(SECOND);
      second(second, before);
      options.progress().at((second + 1.0) / length, world.members().size() + " members");
    }
    coverage.settle();
  }

  private void look() {
    coverage.look();
    world.after(scenario.peers() <= SMALL ? SECOND / 20 : SECOND, this::look);
  }

  private void lookAtShape() {
    world.judge.lookAtAll(happenings.faultless());
    boolean few = world.members().size() <= ShapeOracle.MOST_OFTEN;
    world.after(few ? SECOND / 10 : SECOND, this::lookAtShape);
  }

  private Map<Purpose, Long> bytes() {
    Map<Purpose, Long> now = new EnumMap<>(Purpose.class);
    for (Purpose purpose : Purpose.values()) {
      now.put(purpose, world.traffic.bytes(purpose));
    }
    return now;
  }

  private void second(int second, Map<Purpose, Long> before) {
    int members = world.members().size();
    memberSeconds += members;
    Map<Purpose, Double> rates = new EnumMap<>(Purpose.class);
    for (Purpose purpose : Purpose.values()) {
      long spent = world.traffic.bytes(purpose) - before.getOrDefault(purpose, 0L);
      rates.put(purpose, members == 0 ? 0 : (double) spent / members);
    }
    bounds.look();
    Workload load = world.workload();
    long failed = load.ended() - load.latencies.size();
    seconds.add(
        new Second(
            second,
            members,
            coverage.takeLeast(),
            load.latencies.size() - latenciesSeen,
            failed - failedSeen,
            load.latencies.percentile(latenciesSeen, 0.5) / 1e3,
            load.latencies.percentile(latenciesSeen, 0.99) / 1e3,
            rates));
    latenciesSeen = load.latencies.size();
    failedSeen = failed;
  }

  /** Faults end; the ring has to become whole. */
  private void finish() {
    world.workload().stop();
    happenings.stop();
    world.simulation.conditions(scenario.conditions().calm());
    long calmAt = world.now();
    if (scenario.settle() > 0) {
      Optional<String> deviation = Optional.of("nobody has looked");
      while (deviation.isPresent() && world.now() - calmAt < scenario.settle() && !over()) {
        run(SECOND / 2);
        bounds.look();
        options.progress().at(1, "becoming whole: " + deviation.get());
        deviation =
            world.joining() > 0
                ? Optional.of(world.joining() + " peers are still joining")
                : world.deviation();
        if (deviation.isEmpty() && !world.casts().whole()) {
          deviation = Optional.of("a broadcast has not reached everybody");
        }
      }
      settled = world.now() - calmAt;
      if (deviation.isEmpty()) {
        askAll();
        forgetDeadContacts(calmAt);
      }
      if (deviation.isPresent() && !over()) {
        String text = "not whole " + scenario.settle() / SECOND + " s after the last fault: ";
        failures.add(text + deviation.get());
        firstFailure = world.now();
      }
    }
    // Whatever is open ends by its deadline.
    long rest = calmAt + scenario.deadline() + scenario.deadline() / 50 + SECOND - world.now();
    run(rest);
    if (!over()) {
      world.casts().finish();
      world.workload().oracle.finish(world.now());
    }
  }

  /** Where tables hold an arc, the contacts outside of it have their own time. */
  private void forgetDeadContacts(long calmAt) {
    Optional<String> known = world.deadContact();
    while (known.isPresent() && world.now() - calmAt < CONTACTS_ASKED && !over()) {
      run(SECOND);
      bounds.look();
      options.progress().at(1, "forgetting the dead: " + known.get());
      known = world.deadContact();
    }
    if (known.isPresent() && !over()) {
      failures.add(
          "a dead contact " + CONTACTS_ASKED / SECOND + " s after the last fault: " + known.get());
      firstFailure = world.now();
    }
  }

  /** A whole ring delivers a message for each arc; who lies about that is no fault of the ring. */
  private void askAll() {
    if (scenario.sendsPerSecond() > 0 && !world.hasLiars() && !over()) {
      world.workload().askAll();
      run(scenario.deadline() + scenario.deadline() / 50 + SECOND);
      Optional<String> unserved = world.workload().unserved();
      if (unserved.isPresent() && !over()) {
        failures.add("a whole ring does not serve every key: " + unserved.get());
        firstFailure = world.now();
      }
    }
  }

  /** What this thread has had of a processor: what others run meanwhile does not count. */
  private static long processorNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static long usedHeap() {
    Runtime runtime = Runtime.getRuntime();
    System.gc();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private Report report() {
    Map<Purpose, Double> bytes = new EnumMap<>(Purpose.class);
    for (Purpose purpose : Purpose.values()) {
      long spent = 0;
      for (Second second : seconds) {
        spent += Math.round(second.bytes().getOrDefault(purpose, 0.0) * second.members());
      }
      bytes.put(purpose, memberSeconds == 0 ? Double.NaN : spent / memberSeconds);
    }
    long failedAt = judgeFindings();
    return new Report(
        scenario,
        seed,
        world.simulation.traceHash(),
        figures(bytes),
        bytes,
        seconds,
        world.workload().latencies.histogram(Report.LATENCY_BOUNDS),
        world.judge.findings.first(),
        failures,
        failures.isEmpty() ? -1 : failedAt);
  }

  /** Turns findings into failures; returns the time of the first. */
  private long judgeFindings() {
    long first = Math.min(firstFailure, world.now());
    for (Finding finding : world.judge.findings.first()) {
      if (!finding.promise().explained()) {
        first = Math.min(first, finding.at());
        if (failures.size() < 10) {
          failures.add(finding.toString());
        }
      }
    }
    return first;
  }

  private static double maintenance(Map<Purpose, Double> bytes) {
    double sum = 0;
    for (Purpose purpose : Purpose.values()) {
      sum += purpose.maintenance() ? bytes.getOrDefault(purpose, Double.NaN) : 0;
    }
    return sum;
  }

  private Map<String, Double> figures(Map<Purpose, Double> bytes) {
    Workload load = world.workload();
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("hopsMean", load.hops.mean());
    figures.put("hopsP99", load.hops.percentile(0.99));
    figures.put("hopsColdMean", load.coldHops.mean());
    figures.put("hopsColdP99", load.coldHops.percentile(0.99));
    figures.put("warmSends", (double) load.hops.size());
    figures.put("sends", (double) load.oracle.messages());
    figures.put("delivered", (double) load.oracle.count(Ending.DELIVERED));
    figures.put("notDelivered", (double) load.oracle.count(Ending.NOT_DELIVERED));
    figures.put("unknown", (double) load.oracle.count(Ending.UNKNOWN));
    figures.put("callerDied", (double) load.abandoned());
    figures.put("falseOutcomes", (double) load.oracle.falseOutcomes());
    figures.put("processedAgain", (double) load.oracle.processedAgain());
    figures.put("atOwner", load.shareAtOwner());
    figures.put("within2s", load.shareInTwo());
    figures.put("within10s", load.shareInTen());
    figures.put("latencyP50Millis", load.latencies.percentile(0.5) / 1e3);
    figures.put("latencyP99Millis", load.latencies.percentile(0.99) / 1e3);
    figures.put("latencyP999Millis", load.latencies.percentile(0.999) / 1e3);
    figures.put("dialsPerSend", (double) world.routingDials / load.oracle.messages());
    figures.put("ownerOverlaps", (double) world.judge.findings.count(Promise.ONE_SERVER));
    double afterCuts = world.judge.findings.count(Promise.ONE_SERVER_AFTER_A_CUT);
    figures.put(
        "ownerOverlapsAcrossCuts",
        world.judge.findings.count(Promise.ONE_SERVER_ACROSS_A_CUT) + afterCuts);
    figures.put("ownerOverlapsAfterCuts", afterCuts);
    figures.put("ownerOverlapsAvailable", (double) world.judge.allowed.count(Promise.ONE_SERVER));
    figures.put("epochFaults", (double) world.judge.findings.count(Promise.EPOCHS_GROW));
    figures.put("shapeLooks", (double) world.judge.shape.looks());
    figures.put("shapeJudged", world.judge.shape.judgedShare());
    figures.put("servedShare", coverage.mean());
    figures.put("heal99Millis", coverage.heal99Micros() / 1e3);
    figures.put("heal9999Millis", coverage.heal9999Micros() / 1e3);
    figures.put("crashes", (double) world.judge.gaps.size());
    figures.put("takeOverP50Millis", world.judge.gaps.percentile(0.5) / 1e3);
    figures.put("takeOverMaxMillis", world.judge.gaps.max() / 1e3);
    figures.put("leaves", (double) world.judge.leaves.size());
    figures.put("leaveP50Millis", world.judge.leaves.percentile(0.5) / 1e3);
    figures.put("leaveMaxMillis", world.judge.leaves.max() / 1e3);
    figures.put("mergeMillis", happenings.mergeMicros() / 1e3);
    figures.put("mergeTablesMillis", happenings.mergeTableMicros() / 1e3);
    figures.put("mergeMessagesPerPeer", happenings.mergeMessagesPerPeer());
    figures.put("settleMillis", settled / 1e3);
    figures.put("bytesPerPeerPerSecond", maintenance(bytes));
    figures.put("bytesPerPeerPerSecondMost", bounds.highest() > 0 ? bounds.highest() : Double.NaN);
    figures.put("joins", (double) world.joins.size());
    figures.put("joinP50Millis", world.joins.percentile(0.5) / 1e3);
    figures.put("joinP99Millis", world.joins.percentile(0.99) / 1e3);
    figures.put("joinAfterLinkP50Millis", world.joinsAfterLink.percentile(0.5) / 1e3);
    figures.put("joinFailures", (double) world.joinFailures);
    figures.put("broadcastCoverage", world.casts().coverage());
    figures.put(
        "broadcastPayloadsPerPeer", world.casts().payloadsPerPeer(world.traffic.payloads()));
    figures.put("broadcastLastMillis", world.casts().lastMicros() / 1e3);
    figures.put("broadcastColdLastMillis", world.casts().coldLastMicros() / 1e3);
    figures.put("falseReports", (double) world.judge.findings.count(Promise.REPORTS_TRUE));
    figures.put("broadcastReportMillis", world.casts().reportMicros() / 1e3);
    double events = world.simulation.statistics().occurrences() - (double) eventsBefore;
    figures.put("events", events);
    figures.put("eventsPerSecond", wallNanos == 0 ? Double.NaN : events * 1e9 / wallNanos);
    figures.put(
        "eventsPerProcessorSecond",
        processorNanos == 0 ? Double.NaN : events * 1e9 / processorNanos);
    figures.put(
        "memoryPerPeerBytes",
        options.memory()
            ? (double) (usedHeap() - heapBefore) / Math.max(1, world.members().size())
            : Double.NaN);
    figures.put("seconds", (world.now() - begunAt) / 1e6);
    figures.put("members", (double) world.members().size());
    return figures;
  }
}
