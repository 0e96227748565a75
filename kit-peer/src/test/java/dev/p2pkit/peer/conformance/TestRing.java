// Real peers on real sockets in this JVM, for the conformance suite.
package dev.p2pkit.peer.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.peer.JoinMode;
import dev.p2pkit.peer.Peer;
import dev.p2pkit.peer.PeerBuilder;
import dev.p2pkit.peer.cli.output.TemporaryDirectory;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/**
 * A ring of peers in this JVM, each with a data directory of its own, all trusting one owner key.
 */
final class TestRing implements AutoCloseable {
  /** Long enough for a busy machine; a right program needs far less. */
  static final Duration LIMIT = Duration.ofSeconds(30);

  private static final Set<TemporaryDirectory> DIRECTORIES = ConcurrentHashMap.newKeySet();

  static {
    // For a test run that is stopped, and rings that nobody has closed.
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> DIRECTORIES.forEach(TemporaryDirectory::remove)));
  }

  private final TemporaryDirectory directory;
  private final List<Peer> peers = Collections.synchronizedList(new ArrayList<>());
  private int started;

  TestRing() {
    try {
      directory = TemporaryDirectory.make("p2pkit-ring");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    DIRECTORIES.add(directory);
  }

  /** A ring of this many peers, closed in pointer terms. */
  static TestRing of(int size) {
    TestRing ring = new TestRing();
    ring.grow(size);
    return ring;
  }

  /** Lets this many peers join and waits until all know all. */
  void grow(int more) {
    for (int i = 0; i < more; i++) {
      start(settings -> settings);
    }
    awaitClosed();
  }

  Path directory() {
    return directory.path();
  }

  Path ownerKey() {
    return directory().resolve("owner.key");
  }

  List<Peer> peers() {
    return peers;
  }

  Peer peer(int index) {
    return peers.get(index);
  }

  /** Settings for one more peer: it creates the ring if it is the first, else it joins. */
  PeerBuilder settings() {
    PeerBuilder settings =
        Peer.builder()
            .dataDirectory(directory().resolve("peer-" + started++))
            .ownerKey(ownerKey())
            .joinMode(peers.isEmpty() ? JoinMode.CREATE : JoinMode.JOIN_ONLY);
    return peers.isEmpty() ? settings : settings.entryPoints(List.of(peers.get(0).entryPoint()));
  }

  Peer start(UnaryOperator<PeerBuilder> change) {
    Peer peer = get(change.apply(settings()).start());
    peers.add(peer);
    return peer;
  }

  /** Waits until the pointers of all peers make one ring. */
  void awaitClosed() {
    await()
        .untilAsserted(
            () -> {
              List<Peer> ordered = new ArrayList<>(peers);
              ordered.sort(Comparator.comparing(Peer::peerId));
              for (int i = 0; i < ordered.size(); i++) {
                PeerInfo info = ordered.get(i).info();
                Peer before = ordered.get((i + ordered.size() - 1) % ordered.size());
                assertThat(info.predecessor()).isEqualTo(before.peerId());
                assertThat(get(ordered.get(i).ring())).hasSize(ordered.size());
              }
            });
  }

  /** The peer that must own a key, worked out from the ids alone. */
  Peer ownerOf(Key key) {
    List<Peer> ordered = new ArrayList<>(peers);
    ordered.sort(Comparator.comparing(Peer::peerId));
    return ordered.stream()
        .filter(peer -> peer.peerId().position().compareTo(key) >= 0)
        .findFirst()
        .orElse(ordered.get(0));
  }

  /** A key that this peer owns. */
  Key keyOf(Peer peer) {
    return peer.peerId().position();
  }

  void leave(Peer peer) {
    get(peer.leave());
    peers.remove(peer);
  }

  static ConditionFactory await() {
    return Awaitility.await().atMost(LIMIT).pollInterval(Duration.ofMillis(20));
  }

  /** The value of a stage that must succeed. */
  static <T> T get(CompletableFuture<T> stage) {
    try {
      return stage.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw KitException.from(e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException e) {
      throw new AssertionError("no outcome within " + LIMIT, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** The failure of a stage that must fail. */
  static KitException failure(CompletableFuture<?> stage) {
    try {
      Object value = get(stage);
      throw new AssertionError("expected a failure, got " + value);
    } catch (KitException e) {
      return e;
    }
  }

  @Override
  public void close() {
    for (Peer peer : List.copyOf(peers)) {
      peer.close();
    }
    directory.remove();
    DIRECTORIES.remove(directory);
  }
}
