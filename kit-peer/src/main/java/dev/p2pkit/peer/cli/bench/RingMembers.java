// The peers that one process of a bench hosts.
package dev.p2pkit.peer.cli.bench;

import dev.p2pkit.peer.JoinMode;
import dev.p2pkit.peer.Peer;
import dev.p2pkit.peer.PeerBuilder;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.sdk.NetworkEvent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Many peers in this process. What happens is printed as JSON lines. */
public final class RingMembers {
  /** How many start at the same time: more would only wait for each other. */
  private static final int AT_ONCE = 8;

  private static final Duration JOIN_LIMIT = Duration.ofMinutes(2);

  private final int peers;
  private final int all;
  private final Path directory;
  private final Path ownerKey;
  private final Output output;
  private final CountDownLatch complete;
  private final AtomicInteger joined = new AtomicInteger();
  private final List<Peer> started = new ArrayList<>();

  /**
   * No peers yet.
   *
   * @param peers how many are started here
   * @param all how many each of them should know in the end
   * @param ownerKey whose services they run; by default a key of their own
   */
  public RingMembers(int peers, int all, Path directory, Optional<Path> ownerKey, Output output) {
    this.peers = peers;
    this.all = all;
    this.directory = directory;
    this.ownerKey = ownerKey.orElseGet(() -> directory.resolve("owner.key"));
    this.output = output;
    complete = new CountDownLatch(peers);
  }

  /** Starts the peers; returns when each of them knows all. */
  public void grow(Optional<String> join) throws InterruptedException {
    String entryPoint = join.orElseGet(this::create);
    if (join.isPresent()) {
      announce(entryPoint, "0".repeat(32));
    }
    Semaphore pace = new Semaphore(AT_ONCE);
    List<CompletableFuture<Peer>> joining = new ArrayList<>();
    for (int number = started.size(); number < peers; number++) {
      pace.acquire();
      joining.add(
          settings(number)
              .joinMode(JoinMode.JOIN_ONLY)
              .joinLimit(JOIN_LIMIT)
              .entryPoints(List.of(entryPoint))
              .start()
              .whenComplete((peer, failed) -> pace.release())
              .whenComplete((peer, failed) -> joined(failed == null)));
    }
    joining.forEach(peer -> started.add(peer.join()));
    complete.await();
    output.json(Output.object().put("phase", "complete"));
  }

  private String create() {
    Peer first = settings(0).joinMode(JoinMode.CREATE).start().join();
    started.add(first);
    joined(true);
    announce(first.entryPoint(), first.peerId().toString());
    return first.entryPoint();
  }

  private void announce(String entryPoint, String peerId) {
    output.json(
        Output.object()
            .put("peerId", peerId)
            .put("address", "")
            .put("entryPoint", entryPoint)
            .put("ticket", ""));
  }

  private void joined(boolean successfully) {
    if (successfully) {
      joined.incrementAndGet();
      tellGrowth();
    }
  }

  /** How many have joined and how many know all; a later line may say less than one before it. */
  private void tellGrowth() {
    output.json(
        Output.object()
            .put("phase", "growing")
            .put("joined", joined.get())
            .put("complete", peers - complete.getCount()));
  }

  private PeerBuilder settings(int number) {
    CompletableFuture<Void> knowsAll = new CompletableFuture<>();
    CompletableFuture<?> unused =
        knowsAll.thenRun(
            () -> {
              complete.countDown();
              tellGrowth();
            });
    return Peer.builder()
        .dataDirectory(directory.resolve("peer-" + number))
        .ownerKey(ownerKey)
        .onEvent(
            event -> {
              if (event instanceof NetworkEvent.NewRoutingTable table && table.peers() >= all) {
                knowsAll.complete(null);
              }
            });
  }

  /** Lets the peers idle and says what they hold then. */
  public void idle(int seconds) throws InterruptedException {
    TimeUnit.SECONDS.sleep(seconds);
    Runtime runtime = Runtime.getRuntime();
    long used = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      System.gc();
      TimeUnit.MILLISECONDS.sleep(200);
      used = Math.min(used, runtime.totalMemory() - runtime.freeMemory());
    }
    output.json(
        Output.object()
            .put("phase", "idle")
            .put("heapBytes", used)
            .put("threads", Thread.getAllStackTraces().size()));
  }
}
