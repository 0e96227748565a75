// One run of the upgrade bench: a ring under load whose service is upgraded again and again.
package dev.p2pkit.peer.cli.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.peer.JoinMode;
import dev.p2pkit.peer.Peer;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.peer.cli.process.JavaCommand;
import dev.p2pkit.peer.cli.process.PeerProcess;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.ServiceHandle;
import dev.p2pkit.sdk.ServiceStatus;
import dev.p2pkit.sdk.ServiceStatus.Phase;
import dev.p2pkit.sdk.UpdateReport;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * Peers in a few processes, and one in this process that calls all of them and owns the service.
 * {@link #close} may be called from any thread.
 */
public final class UpgradeRun implements Bench {
  private static final List<String> FLAGS = List.of("-Xmx1g", "-XX:+UseSerialGC");
  private static final int LIMIT_SECONDS = 300;
  private static final long BETWEEN_MILLIS = 1_000;
  private static final long POLL_MILLIS = 100;

  private final UpgradeSettings settings;
  private final Path directory;
  private final List<PeerProcess> children = new CopyOnWriteArrayList<>();
  private final Tallies tallies = new Tallies();
  private final List<Long> networkMillis = new ArrayList<>();
  private final List<Long> peerMillis = new ArrayList<>();
  private long reverted;
  private volatile boolean closed;

  /** A run that has not begun; the directory is for the processes' files. */
  public UpgradeRun(UpgradeSettings settings, Path directory) {
    this.settings = settings;
    this.directory = directory;
  }

  /** Runs to the end and returns the figures. */
  @Override
  public ObjectNode run() throws IOException, InterruptedException {
    OwnerKey owner = OwnerKey.loadOrCreate(ownerKey());
    List<CompletableFuture<JsonNode>> complete = new ArrayList<>();
    String entryPoint = "";
    for (int i = 0; i < settings.processes(); i++) {
      CompletableFuture<JsonNode> done = new CompletableFuture<>();
      PeerProcess child = start(i, entryPoint, done);
      complete.add(done);
      if (i == 0) {
        entryPoint = await(child.ready()).entryPoint();
      }
    }
    CompletableFuture<Void> knowsAll = new CompletableFuture<>();
    try (Peer caller =
        await(
            Peer.builder()
                .dataDirectory(directory.resolve("caller"))
                .ownerKey(ownerKey())
                .trust(List.of(owner.publicHex()))
                .joinMode(JoinMode.JOIN_ONLY)
                .joinLimit(Duration.ofMinutes(2))
                .entryPoints(List.of(entryPoint))
                .onEvent(
                    event -> {
                      if (event instanceof NetworkEvent.NewRoutingTable table
                          && table.peers() >= settings.peers()) {
                        knowsAll.complete(null);
                      }
                    })
                .start())) {
      for (CompletableFuture<JsonNode> one : complete) {
        JsonNode unused = await(one);
      }
      await(knowsAll);
      return measure(caller);
    }
  }

  private Path ownerKey() {
    return directory.resolve("owner.key");
  }

  private synchronized PeerProcess start(
      int number, String entryPoint, CompletableFuture<JsonNode> complete) throws IOException {
    if (closed) {
      throw new IOException("the bench is being stopped");
    }
    int others = settings.peers() - 1;
    int share = others / settings.processes() + (number < others % settings.processes() ? 1 : 0);
    Path place = directory.resolve("process-" + number);
    List<String> arguments = new ArrayList<>(List.of("bench", "members", "--idle", "0"));
    arguments.addAll(List.of("--peers", String.valueOf(share)));
    arguments.addAll(List.of("--of", String.valueOf(settings.peers())));
    arguments.addAll(List.of("--data-dir", place.toString()));
    arguments.addAll(List.of("--owner-key", ownerKey().toString()));
    if (!entryPoint.isEmpty()) {
      arguments.addAll(List.of("--join", entryPoint));
    }
    PeerProcess process =
        PeerProcess.run(
            place,
            JavaCommand.of(FLAGS, arguments),
            line -> {
              if (line.path("phase").asText().equals("complete")) {
                complete.complete(line);
              }
            });
    children.add(process);
    return process;
  }

  private ObjectNode measure(Peer caller) throws IOException, InterruptedException {
    List<PeerId> peers = caller.members().stream().map(member -> member.id()).toList();
    ServiceHandle service =
        await(
            caller.install(
                TallyArchive.make(1, TallyArchive.Fault.NONE, settings.durability()),
                options(InstallOptions.named(TallyArchive.NAME))));
    awaitOnAll(service, Phase.ACTIVE, 1);
    long begun = System.nanoTime();
    SteadyCalls calls = new SteadyCalls(caller, peers, settings.callsPerSecond(), tallies);
    int good = 1;
    int upgrades = 0;
    try (calls) {
      calls.start();
      for (int upgrade = 1; upgrade <= settings.upgrades(); upgrade++) {
        TimeUnit.MILLISECONDS.sleep(BETWEEN_MILLIS);
        TallyArchive.Fault fault = settings.faultOf(upgrade);
        if (upgrade(service, upgrade + 1, fault)) {
          good = upgrade + 1;
          upgrades++;
        }
        if (fault == TallyArchive.Fault.CRASH) {
          reverted += awaitOnAll(service, Phase.REVERTED, good);
        } else {
          awaitOnAll(service, Phase.ACTIVE, good);
        }
      }
      TimeUnit.MILLISECONDS.sleep(BETWEEN_MILLIS);
    }
    double seconds = (System.nanoTime() - begun) / 1e9;
    return judge(caller, peers, upgrades, calls, seconds);
  }

  private InstallOptions options(InstallOptions begin) {
    return begin.ownerKey(ownerKey());
  }

  /** Upgrades the network; false if that failed as it was meant to. */
  private boolean upgrade(ServiceHandle service, int version, TallyArchive.Fault fault)
      throws IOException, InterruptedException {
    long begun = System.nanoTime();
    try {
      UpdateReport report =
          await(
              service.update(
                  TallyArchive.make(version, fault, settings.durability()),
                  options(InstallOptions.DEFAULT)));
      if (fault == TallyArchive.Fault.NONE) {
        awaitOnAll(service, Phase.ACTIVE, version);
        networkMillis.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun));
        report.peers().forEach(peer -> peerMillis.add(peer.millis()));
      }
      return fault == TallyArchive.Fault.NONE;
    } catch (KitException e) {
      boolean meant =
          fault == TallyArchive.Fault.MIGRATION && e.code() == ErrorCode.MIGRATION_FAILED;
      if (!meant) {
        throw e;
      }
      return false;
    }
  }

  /** Returns how many peers are there. */
  private long awaitOnAll(ServiceHandle service, Phase phase, int version)
      throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (true) {
      ServiceStatus status = await(service.status());
      long there =
          status.peers().stream()
              .filter(
                  peer -> peer.phase() == phase && peer.version().equals(String.valueOf(version)))
              .count();
      if (there >= settings.peers()) {
        return there;
      }
      if (System.nanoTime() - deadline > 0) {
        throw new KitException(
            ErrorCode.TIMEOUT,
            "after "
                + LIMIT_SECONDS
                + " s "
                + there
                + " of "
                + settings.peers()
                + " peers are "
                + phase
                + " with version "
                + version
                + ": "
                + status.peers());
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
  }

  private ObjectNode judge(
      Peer caller, List<PeerId> peers, int upgrades, SteadyCalls calls, double seconds)
      throws InterruptedException {
    long lost = 0;
    long doubled = 0;
    TreeSet<String> versions = new TreeSet<>();
    for (PeerId peer : peers) {
      List<?> totals = await(caller.rpcPeer(peer, TallyArchive.NAME, "totals", List.class));
      long counted = ((Number) totals.get(0)).longValue();
      Tallies.Verdict verdict = tallies.judge(peer, counted, ((Number) totals.get(1)).longValue());
      lost += verdict.lost();
      doubled += verdict.doubled();
      versions.add(String.valueOf(totals.get(2)));
    }
    Map<ErrorCode, Long> failures = tallies.failures();
    ObjectNode codes = Output.object();
    failures.forEach((code, count) -> codes.put(code.name(), count));
    ObjectNode result =
        Output.object()
            .put("acknowledged", tallies.acknowledged())
            .put("lost", lost)
            .put("doubled", doubled)
            .put("failed", failures.values().stream().mapToLong(Long::longValue).sum())
            .put("upgrades", upgrades)
            .put("reverted", reverted)
            .put("upgradeMillisP50", middle(networkMillis))
            .put("upgradeMillisMax", largest(networkMillis))
            .put("peerUpgradeMillisP50", middle(peerMillis))
            .put("peerUpgradeMillisMax", largest(peerMillis))
            .put("longestCallMillis", calls.longestMillis())
            .put("finalVersion", String.join(" and ", versions))
            .put("callsPerSecond", Math.round(calls.made() / seconds))
            .put("peers", settings.peers())
            .put("processes", settings.processes())
            .put("durability", settings.durability().name().toLowerCase(Locale.ROOT))
            .put("cores", Runtime.getRuntime().availableProcessors())
            .put("java", Runtime.version().toString());
    result.set("failedByCode", codes);
    return result;
  }

  private static long middle(List<Long> values) {
    List<Long> sorted = values.stream().sorted().toList();
    return sorted.isEmpty() ? 0 : sorted.get(sorted.size() / 2);
  }

  private static long largest(List<Long> values) {
    return values.stream().mapToLong(Long::longValue).max().orElse(0);
  }

  private <T> T await(CompletableFuture<T> stage) throws InterruptedException {
    return PeerProcess.await(stage, LIMIT_SECONDS, children, directory);
  }

  /** Ends all processes. */
  @Override
  public synchronized void close() {
    closed = true;
    children.forEach(PeerProcess::kill);
  }
}
