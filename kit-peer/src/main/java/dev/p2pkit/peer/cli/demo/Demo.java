// The demo from start to verdict: a ring, a service, a load; an upgrade, a kill, a join meanwhile.
package dev.p2pkit.peer.cli.demo;

import dev.p2pkit.client.Client;
import dev.p2pkit.client.ClientOptions;
import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.peer.cli.output.Progress;
import dev.p2pkit.peer.cli.process.PeerProcess;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.BroadcastReport;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.PeerInfo;
import dev.p2pkit.sdk.ServiceHandle;
import dev.p2pkit.sdk.ServiceStatus;
import dev.p2pkit.sdk.UpdateReport;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/** Runs the demo once. Not thread-safe, but {@link #close} may be called from another thread. */
public final class Demo implements AutoCloseable {
  private static final int PEERS = 5;
  private static final int CLIENTS = 4;
  // Clients attach to the first peers; the one that is killed has none, so that what a client
  // loses with its proxy peer does not mix with what the ring loses with an owner.
  private static final int PROXIES = 3;
  private static final int KEYS_PER_PEER = 64;
  private static final long WANTED = 10_000;
  private static final Duration LONGEST_RECOVERY = Duration.ofSeconds(10);
  private static final Duration STEP_LIMIT = Duration.ofSeconds(60);
  private static final String SERVICE = "counter";

  private final DemoSettings settings;
  private final Output output;
  private final Progress progress;
  private final DemoRing ring;
  private final Queue<Call> ledger = new ConcurrentLinkedQueue<>();
  private final AtomicLong acknowledged = new AtomicLong();
  private final ScheduledExecutorService clock =
      Executors.newScheduledThreadPool(1, task -> new Thread(task, "demo-load"));
  // Why the condition that is waited for could not be asked, the last time; empty if it could.
  private String obstacle = "";

  /** A demo that has not begun. */
  public Demo(DemoSettings settings, Output output) {
    this.settings = settings;
    this.output = output;
    this.progress =
        new Progress(settings.json() ? output.err() : output.out(), settings.terminal());
    String trusted = OwnerKey.loadOrCreate(ownerKey()).publicHex();
    this.ring = new DemoRing(settings.directory(), trusted);
  }

  private Path ownerKey() {
    return settings.directory().resolve("owner.key");
  }

  /**
   * Runs it to the end and prints the result; the ring is still up afterwards.
   *
   * @return whether everything is as promised
   */
  public boolean run() throws IOException, InterruptedException {
    List<PeerProcess> peers = startRing();
    List<String> tickets =
        peers.subList(0, PROXIES).stream().map(peer -> peer.ready().join().ticket()).toList();
    try (Client operator = connect(tickets.get(0))) {
      List<PeerInfo> members = wholeRing(operator);
      ServiceHandle counter = install(operator);
      List<LoadClient> load = startLoad(tickets, members);
      try {
        UpdateReport upgrade = upgrade(counter);
        Incident incident = kill(peers, members);
        PeerProcess newcomer = join(peers, counter);
        BroadcastReport broadcast = broadcast(counter);
        untilEnough();
        for (LoadClient client : load) {
          client.finish();
        }
        progress.step("load stopped");
        DemoReport report = judge(counter, upgrade, incident, broadcast, newcomer);
        if (settings.json()) {
          output.json(report.json());
        } else {
          report.print(output);
        }
        return report.passed();
      } finally {
        load.forEach(LoadClient::close);
      }
    } finally {
      clock.shutdownNow();
    }
  }

  private List<PeerProcess> startRing() throws IOException {
    List<PeerProcess> peers = new ArrayList<>();
    PeerProcess first = ring.start(List.of());
    peers.add(first);
    String entryPoint = await(first.ready()).entryPoint();
    while (peers.size() < PEERS) {
      peers.add(ring.start(List.of(entryPoint)));
    }
    for (PeerProcess peer : peers) {
      PeerProcess.Ready ready = await(peer.ready());
      progress.step(
          "peer "
              + ready.peerId().shortText()
              + " at "
              + ready.address()
              + ", process "
              + peer.pid());
    }
    return peers;
  }

  private List<PeerInfo> wholeRing(Client operator) throws InterruptedException {
    until("all peers know each other", () -> await(operator.ring()).size() == PEERS);
    List<PeerInfo> members = await(operator.ring());
    progress.step("a ring of " + members.size() + " processes, TLS on");
    return members;
  }

  private ServiceHandle install(Client operator) {
    Archive archive = Archive.of(settings.archive(1));
    ServiceHandle counter = await(operator.install(archive, options()));
    progress.step("a client has installed " + SERVICE + " version 1 on all peers: " + archive);
    return counter;
  }

  private static Client connect(String ticket) {
    // Long: on a busy machine five JVMs that have just started compete for two cores.
    ClientOptions patient = ClientOptions.DEFAULT.connectTimeout(Duration.ofSeconds(20));
    return await(Client.connect(List.of(ticket), patient));
  }

  private InstallOptions options() {
    return InstallOptions.named(SERVICE).ownerKey(ownerKey()).within(STEP_LIMIT);
  }

  private List<LoadClient> startLoad(List<String> tickets, List<PeerInfo> members) {
    List<Key> keys = new ArrayList<>();
    Random random = new Random(1);
    for (PeerInfo member : members) {
      // From each peer's arc the same number, however long the arc is.
      for (int i = 0; i < KEYS_PER_PEER; i++) {
        keys.add(keyIn(member, random));
      }
    }
    List<LoadClient> load = new ArrayList<>();
    for (int number = 0; number < CLIENTS; number++) {
      Client client = connect(tickets.get(number % tickets.size()));
      ServiceHandle handle = await(client.service(SERVICE));
      load.add(new LoadClient(number, client, handle, keys, this::record));
    }
    load.forEach(client -> client.start(clock));
    progress.step(CLIENTS + " clients call it, by key and by hash of a value");
    return load;
  }

  private static Key keyIn(PeerInfo member, Random random) {
    Key end = member.peer().position();
    Key length = member.predecessor().position().distanceTo(end);
    // A random number of the length's size, cut down by halving until it lies within the arc.
    Key back = new Key(random.nextLong(), random.nextLong());
    while (!length.equals(Key.ZERO) && back.compareTo(length) >= 0) {
      back = new Key(back.high() >>> 1, (back.low() >>> 1) | (back.high() << 63));
    }
    return back.distanceTo(end);
  }

  private void record(Call call) {
    ledger.add(call);
    if (call.acknowledged()) {
      acknowledged.incrementAndGet();
    }
  }

  private UpdateReport upgrade(ServiceHandle counter) throws InterruptedException {
    untilAcknowledged(WANTED / 5);
    UpdateReport report = await(counter.update(Archive.of(settings.archive(2)), options()));
    progress.step(
        "upgraded to version 2 on %d peers while they were called"
            .formatted(
                report.peers().stream()
                    .filter(peer -> peer.phase() == ServiceStatus.Phase.ACTIVE)
                    .count()));
    untilAcknowledged(acknowledged.get() + WANTED / 5);
    return report;
  }

  private Incident kill(List<PeerProcess> peers, List<PeerInfo> members)
      throws InterruptedException {
    PeerProcess victim = peers.get(PROXIES);
    PeerId id = victim.ready().join().peerId();
    Key after =
        members.stream()
            .filter(member -> member.peer().equals(id))
            .findFirst()
            .orElseThrow()
            .predecessor()
            .position();
    long now = System.nanoTime();
    victim.kill();
    progress.step("killed the process of peer " + id.shortText());
    Incident incident = new Incident(now, after, id, Map.of());
    boolean recovered =
        within(LONGEST_RECOVERY, () -> Verdict.recoveredClients(ledger, incident) == CLIENTS);
    progress.step(
        recovered
            ? "its keys answer again after %d ms".formatted((System.nanoTime() - now) / 1_000_000)
            : "its keys do not answer after " + LONGEST_RECOVERY);
    return incident;
  }

  private PeerProcess join(List<PeerProcess> peers, ServiceHandle counter)
      throws InterruptedException, IOException {
    List<String> entryPoints =
        peers.subList(0, PROXIES).stream().map(peer -> peer.ready().join().entryPoint()).toList();
    PeerProcess newcomer = ring.start(entryPoints);
    PeerId id = await(newcomer.ready()).peerId();
    progress.step("peer " + id.shortText() + " has joined");
    until(
        "the newcomer runs version 2",
        () ->
            await(counter.status()).peers().stream()
                .anyMatch(
                    peer ->
                        peer.peer().equals(id)
                            && peer.phase() == ServiceStatus.Phase.ACTIVE
                            && peer.version().equals("2")));
    progress.step("it runs version 2");
    return newcomer;
  }

  private BroadcastReport broadcast(ServiceHandle counter) {
    BroadcastReport report = await(counter.broadcast(Map.of("reason", "broadcast of the demo")));
    progress.step(
        "a broadcast reached %d peers in %d ms"
            .formatted(report.reached(), report.duration().toMillis()));
    return report;
  }

  private void untilEnough() throws InterruptedException {
    // A little more than is wanted, and some calls with the newcomer in the ring.
    untilAcknowledged(Math.max(WANTED + WANTED / 10, acknowledged.get() + WANTED / 5));
  }

  private DemoReport judge(
      ServiceHandle counter,
      UpdateReport upgrade,
      Incident incident,
      BroadcastReport broadcast,
      PeerProcess newcomer)
      throws IOException {
    Incident complete =
        new Incident(incident.killedAt(), incident.after(), incident.killed(), ring.upgradedAt());
    List<Journal> journals = new ArrayList<>();
    List<DemoReport.PeerLine> lines = new ArrayList<>();
    List<String> complaints = new ArrayList<>();
    for (PeerProcess process : ring.processes()) {
      PeerId id = process.ready().join().peerId();
      Journal journal = Journal.read(id.shortText(), process.directory());
      journals.add(journal);
      if (id.equals(incident.killed())) {
        continue;
      }
      Map<?, ?> total = await(counter.peer(id).rpc(Map.of("reason", "end of the demo"), Map.class));
      DemoReport.PeerLine line =
          new DemoReport.PeerLine(
              id, (int) number(total, "version"), number(total, "count"), journal.lines().size());
      lines.add(line);
      if (line.version() != 2) {
        complaints.add("peer " + id.shortText() + " runs version " + line.version());
      }
      if (line.count() != line.journal()) {
        complaints.add(
            "peer %s counts %d and has written down %d: the upgrade did not keep its state"
                .formatted(id.shortText(), line.count(), line.journal()));
      }
    }
    Verdict verdict = Verdict.of(ledger, journals, complete);
    Call.write(ledger, complete, settings.directory().resolve("calls.tsv"));
    complaints.addAll(verdict.complaints(WANTED, LONGEST_RECOVERY));
    if (broadcast.reached() != lines.size()) {
      complaints.add(
          "the broadcast reached %d of %d peers".formatted(broadcast.reached(), lines.size()));
    }
    if (complete.upgradedAt().size() < PEERS) {
      complaints.add("only %d peers reported the upgrade".formatted(complete.upgradedAt().size()));
    }
    if (!newcomer.isAlive()) {
      complaints.add("the newcomer has died");
    }
    Map<PeerId, Long> millis = new TreeMap<>();
    upgrade.peers().forEach(peer -> millis.put(peer.peer(), peer.millis()));
    return new DemoReport(verdict, millis, broadcast.reached(), lines, complaints);
  }

  private static long number(Map<?, ?> reply, String name) {
    return Long.parseLong(String.valueOf(reply.get(name)));
  }

  private void untilAcknowledged(long count) throws InterruptedException {
    until(count + " calls are acknowledged", () -> acknowledged.get() >= count);
  }

  private void until(String what, BooleanSupplier condition) throws InterruptedException {
    if (!within(STEP_LIMIT, condition)) {
      throw new KitException(
          ErrorCode.TIMEOUT,
          "waited %d s in vain until %s; the peers' logs are in %s%s"
              .formatted(
                  STEP_LIMIT.toSeconds(),
                  what,
                  settings.directory(),
                  obstacle.isEmpty() ? "" : "; the last answer was " + obstacle));
    }
  }

  private boolean within(Duration limit, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    obstacle = "";
    while (!holds(condition)) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      progress.figures(
          () -> "%,d calls, %,d acknowledged".formatted(ledger.size(), acknowledged.get()));
      TimeUnit.MILLISECONDS.sleep(50);
    }
    return true;
  }

  /** A question that fails while the ring changes is an answer too: not yet. */
  private boolean holds(BooleanSupplier condition) {
    try {
      return condition.getAsBoolean();
    } catch (KitException e) {
      obstacle = String.valueOf(e.getMessage());
      return false;
    }
  }

  private static <T> T await(CompletableFuture<T> stage) {
    try {
      return stage.get(STEP_LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw KitException.from(e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException e) {
      throw new KitException(ErrorCode.TIMEOUT, "the ring did not answer in " + STEP_LIMIT, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KitException(ErrorCode.CANCELLED, "interrupted", e);
    }
  }

  /** The tickets of the live peers that clients may use; for a ring that is kept. */
  public List<String> tickets() {
    return ring.processes().stream()
        .filter(PeerProcess::isAlive)
        .map(peer -> peer.ready().join().ticket())
        .toList();
  }

  /** Ends all processes. */
  @Override
  public void close() {
    clock.shutdownNow();
    ring.close();
  }
}
