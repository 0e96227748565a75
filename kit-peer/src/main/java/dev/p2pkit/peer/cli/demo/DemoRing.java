// The demo's processes: starts peers, hears when they report the upgrade, kills one, stops all.
package dev.p2pkit.peer.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.p2pkit.peer.cli.process.PeerProcess;
import dev.p2pkit.sdk.PeerId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Peers as child processes on loopback, in one directory. Thread-safe. */
final class DemoRing implements AutoCloseable {
  // Small and quick to start: the demo shows behaviour, not speed.
  private static final List<String> FLAGS =
      List.of("-Xms48m", "-Xmx160m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto");

  private final Path directory;
  private final String trustedKey;
  private final List<PeerProcess> processes = new CopyOnWriteArrayList<>();
  private final Map<PeerProcess, Long> upgradedAt = new ConcurrentHashMap<>();
  private volatile boolean closed;

  DemoRing(Path directory, String trustedKey) {
    this.directory = directory;
    this.trustedKey = trustedKey;
  }

  /** Starts a peer; the first one creates the ring, the others join through these. */
  synchronized PeerProcess start(List<String> entryPoints) throws IOException {
    if (closed) {
      throw new IOException("the demo is being stopped");
    }
    List<String> arguments = new ArrayList<>(List.of("--events", "-v", "5", "--trust", trustedKey));
    if (entryPoints.isEmpty()) {
      arguments.add("--create");
    } else {
      arguments.addAll(List.of("--join", String.join(",", entryPoints)));
    }
    PeerProcess[] started = new PeerProcess[1];
    started[0] =
        PeerProcess.start(
            directory.resolve("peer-" + (processes.size() + 1)),
            FLAGS,
            arguments,
            event -> heard(started, event));
    processes.add(started[0]);
    return started[0];
  }

  private synchronized void heard(PeerProcess[] peer, JsonNode event) {
    if (event.path("event").asText().equals("ServiceUpgraded")) {
      upgradedAt.putIfAbsent(peer[0], System.nanoTime());
    }
  }

  /** When each peer reported that the upgraded service runs there. */
  Map<PeerId, Long> upgradedAt() {
    Map<PeerId, Long> result = new LinkedHashMap<>();
    upgradedAt.forEach((peer, time) -> result.put(peer.ready().join().peerId(), time));
    return result;
  }

  /** All processes in the order of their start, also the one that was killed. */
  List<PeerProcess> processes() {
    return List.copyOf(processes);
  }

  /** Stops all processes: asks them first, then does not ask. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    processes.forEach(PeerProcess::stop);
    processes.forEach(PeerProcess::close);
  }
}
