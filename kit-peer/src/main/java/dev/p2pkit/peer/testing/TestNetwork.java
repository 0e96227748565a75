// A network of real peers inside of a test, whose links can be cut.
package dev.p2pkit.peer.testing;

import dev.p2pkit.peer.HeartbeatProfile;
import dev.p2pkit.peer.JoinMode;
import dev.p2pkit.peer.Peer;
import dev.p2pkit.peer.PeerBuilder;
import dev.p2pkit.peer.cli.output.TemporaryDirectory;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.ServiceHandle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * Peers in this process, on ports of loopback that the system chooses, with TLS and everything else
 * that a peer has; each has a data directory of its own below a temporary one, and all trust one
 * owner key. {@link #close} closes the peers and removes the directory.
 *
 * <p>For one thread, the test's. Whatever waits does so at most as long as the network's limit and
 * then throws an {@link AssertionError} that says what each peer runs and has audited.
 */
public final class TestNetwork implements AutoCloseable {
  /** The most peers that a network may have. */
  public static final int MOST_PEERS = 64;

  private static final Duration LONGEST_LIMIT = Duration.ofMinutes(10);
  private static final long POLL_MILLIS = 20;

  /** How many peers start at the same time: more would only wait for each other. */
  private static final int AT_ONCE = 8;

  private final TemporaryDirectory directory;
  private final Thread remover;
  private final Duration limit;
  private final HeartbeatProfile heartbeat;
  private final Map<Peer, Path> peers = new LinkedHashMap<>();
  private final Cuts cuts = new Cuts();
  private int started;

  private TestNetwork(Duration limit, HeartbeatProfile heartbeat) {
    this.limit = limit;
    this.heartbeat = heartbeat;
    try {
      directory = TemporaryDirectory.make("p2pkit-test");
    } catch (IOException e) {
      throw new UncheckedIOException("no temporary directory: " + e.getMessage(), e);
    }
    // For a test run that is stopped.
    remover = new Thread(directory::remove, "p2pkit-test-remover");
    Runtime.getRuntime().addShutdownHook(remover);
  }

  /** A network of this many peers, with a limit of 30 s. */
  public static TestNetwork start(int peers) {
    return start(peers, Duration.ofSeconds(30), HeartbeatProfile.DEFAULT);
  }

  /**
   * A network in which all peers know each other.
   *
   * @param peers 1 to {@value #MOST_PEERS}
   * @param limit how long the network waits for anything, more than 0 and at most 10 minutes
   * @param heartbeat how fast peers notice a cut
   */
  public static TestNetwork start(int peers, Duration limit, HeartbeatProfile heartbeat) {
    if (peers < 1 || peers > MOST_PEERS) {
      throw new IllegalArgumentException(
          "a test network has 1 to " + MOST_PEERS + " peers, not " + peers);
    }
    if (limit.isNegative() || limit.isZero() || limit.compareTo(LONGEST_LIMIT) > 0) {
      throw new IllegalArgumentException(
          "the limit of a test network is more than 0 and at most 10 minutes, not " + limit);
    }
    TestNetwork network = new TestNetwork(limit, heartbeat);
    try {
      network.grow(peers);
      return network;
    } catch (RuntimeException | Error e) {
      try {
        network.close();
      } catch (RuntimeException | Error failed) {
        e.addSuppressed(failed);
      }
      throw e;
    }
  }

  /** The peers that run, in the order in which they were started. */
  public List<Peer> peers() {
    return List.copyOf(peers.keySet());
  }

  /** One of {@link #peers()}, from 0 on. */
  public Peer peer(int index) {
    return peers().get(index);
  }

  /** The file with the key that signs what is installed here; all peers trust it. */
  public Path ownerKey() {
    return directory.path().resolve("owner.key");
  }

  /** Lets so many more peers join and waits until all know each other. */
  public List<Peer> grow(int more) {
    if (more < 0 || peers.size() + more > MOST_PEERS) {
      throw new IllegalArgumentException(
          "a test network has at most " + MOST_PEERS + " peers; it has " + peers.size());
    }
    List<Peer> joined = new ArrayList<>();
    if (peers.isEmpty() && more > 0) {
      joined.add(add(settings -> settings));
    }
    while (joined.size() < more) {
      int round = Math.min(AT_ONCE, more - joined.size());
      joined.addAll(startAll(round, settings -> settings));
    }
    awaitSettled();
    return List.copyOf(joined);
  }

  /**
   * Lets one more peer join, with settings of its own; {@link #awaitSettled} waits until all know
   * it. Its data directory is the network's business.
   */
  public Peer add(UnaryOperator<PeerBuilder> change) {
    if (peers.size() >= MOST_PEERS) {
      throw new IllegalArgumentException("a test network has at most " + MOST_PEERS + " peers");
    }
    return startAll(1, change).get(0);
  }

  private List<Peer> startAll(int count, UnaryOperator<PeerBuilder> change) {
    Map<Path, CompletableFuture<Peer>> starting = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      Path place = directory.path().resolve("peer-" + started++);
      starting.put(place, change.apply(settings()).dataDirectory(place).start());
    }
    List<Peer> joined = new ArrayList<>();
    try {
      starting.forEach(
          (place, start) -> {
            Peer peer = get(start);
            peers.put(peer, place);
            joined.add(peer);
          });
    } catch (RuntimeException | Error e) {
      Set<Peer> known = Set.copyOf(peers.keySet());
      starting.values().forEach(start -> leaveUnlessKnown(start, known));
      throw e;
    }
    return joined;
  }

  private PeerBuilder settings() {
    List<String> points = peers.keySet().stream().limit(AT_ONCE).map(Peer::entryPoint).toList();
    return Peer.builder()
        .ownerKey(ownerKey())
        .joinLimit(limit)
        .heartbeat(heartbeat)
        .joinMode(points.isEmpty() ? JoinMode.CREATE : JoinMode.JOIN_ONLY)
        .entryPoints(points);
  }

  /** A peer that gets through although another has failed belongs to nobody. */
  private static void leaveUnlessKnown(CompletableFuture<Peer> start, Set<Peer> known) {
    CompletableFuture<?> unused =
        start.thenCompose(
            peer -> known.contains(peer) ? CompletableFuture.completedFuture(null) : peer.leave());
  }

  /** Has a peer leave in good order, and waits until it has. */
  public void leave(Peer peer) {
    if (!peers.containsKey(peer)) {
      throw new IllegalArgumentException(
          peer.peerId() + " is no peer of this network, or has left");
    }
    get(peer.leave());
    peers.remove(peer);
  }

  /**
   * Cuts these peers off from all others: nothing passes between the two sides any more. Adds to
   * earlier cuts. Returns at once; {@link #awaitSettled} waits until both sides have noticed.
   */
  public void cut(Collection<Peer> side) {
    List<Peer> others = new ArrayList<>(peers.keySet());
    others.removeAll(side);
    cut(side, others);
  }

  /** Cuts each of these peers off from each of those; as {@link #cut(Collection)}. */
  public void cut(Collection<Peer> these, Collection<Peer> those) {
    cuts.cut(ids(these), ids(those));
    tellCuts();
  }

  /** Mends all cuts; {@link #awaitSettled} waits until the network is one again. */
  public void heal() {
    cuts.heal();
    tellCuts();
  }

  private void tellCuts() {
    Set<PeerId> all = ids(peers.keySet());
    peers.keySet().forEach(peer -> peer.cutOff(cuts.from(peer.peerId(), all)));
  }

  private static Set<PeerId> ids(Collection<Peer> some) {
    return some.stream().map(Peer::peerId).collect(Collectors.toCollection(TreeSet::new));
  }

  /**
   * Waits until each peer takes for members exactly those that it can reach, and the neighbours of
   * each are the right ones.
   */
  public void awaitSettled() {
    await("each peer knows whom it can reach", this::isSettled);
  }

  private boolean isSettled() {
    Set<PeerId> all = ids(peers.keySet());
    return peers.keySet().stream()
        .allMatch(
            peer -> {
              TreeSet<PeerId> side = new TreeSet<>(cuts.side(peer.peerId(), all));
              PeerId before = side.lower(peer.peerId());
              Set<PeerId> known =
                  peer.members().stream()
                      .map(member -> member.id())
                      .collect(Collectors.toCollection(TreeSet::new));
              return known.equals(side)
                  && peer.info().predecessor().equals(before == null ? side.last() : before);
            });
  }

  /** Installs a service from the first peer and waits until every peer that it reaches runs it. */
  public ServiceHandle install(Archive archive, String name) {
    return get(peer(0).install(archive, options(name)));
  }

  /** Options for an install or upgrade under this name, signed with {@link #ownerKey()}. */
  public InstallOptions options(String name) {
    return InstallOptions.named(name).ownerKey(ownerKey()).within(limit);
  }

  /** An upgrade from one archive to another that is called meanwhile; see {@link UpgradeTest}. */
  public UpgradeTest upgrade(Archive old, Archive next) {
    return new UpgradeTest(this, old, next);
  }

  /**
   * Waits until something is so; asks every 20 ms.
   *
   * @param what says it in the message of a failure
   */
  public void await(String what, BooleanSupplier condition) {
    await(what, condition, limit);
  }

  void await(String what, BooleanSupplier condition, Duration atMost) {
    long deadline = System.nanoTime() + atMost.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw failure("within " + atMost.toSeconds() + " s it did not come about that " + what);
      }
      try {
        TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted while waiting until " + what, e);
      }
    }
  }

  /**
   * The value of a stage.
   *
   * @throws KitException if it fails
   */
  public <T> T get(CompletableFuture<T> stage) {
    try {
      return stage.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw KitException.from(e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException e) {
      throw failure("nothing came within " + limit.toSeconds() + " s");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for an outcome", e);
    }
  }

  /** What each peer says: whom it knows, what it runs, and the last lines of its audit. */
  public String describe() {
    return PeerReports.of(peers);
  }

  AssertionError failure(String what) {
    return new AssertionError(what + "\n" + describe());
  }

  /** Closes all peers and removes their directories; tries everything, whatever fails. */
  @Override
  public void close() {
    heal();
    Map<Peer, CompletableFuture<Void>> leaving = new LinkedHashMap<>();
    peers.keySet().forEach(peer -> leaving.put(peer, peer.leave()));
    peers.clear();
    long deadline = System.nanoTime() + limit.toNanos();
    List<String> left = new ArrayList<>();
    leaving.forEach(
        (peer, done) -> {
          try {
            done.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
          } catch (ExecutionException | TimeoutException e) {
            left.add(peer.peerId() + ": " + e);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            left.add(peer.peerId() + ": interrupted");
          }
        });
    directory.remove();
    try {
      Runtime.getRuntime().removeShutdownHook(remover);
    } catch (IllegalStateException e) {
      // The process ends; the hook removes what is left.
      org.slf4j.LoggerFactory.getLogger(TestNetwork.class).debug("the process ends", e);
    }
    if (!left.isEmpty()) {
      throw new AssertionError("peers did not close: " + left);
    }
  }
}
