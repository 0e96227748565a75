// What the peers of a test network say of themselves, for the message of a failure.
package dev.p2pkit.peer.testing;

import dev.p2pkit.peer.Peer;
import dev.p2pkit.peer.audit.AuditLog;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.ServiceStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Asks each peer for what it runs, whom it knows, and the end of its audit. */
final class PeerReports {
  static final String TITLE = "what the peers say:";

  private static final long LIMIT_SECONDS = 2;
  private static final int AUDIT_LINES = 5;

  private record Asked(
      Peer peer, Path directory, CompletableFuture<List<ServiceStatus>> services) {}

  private PeerReports() {}

  /** The reports of these peers; takes two seconds at most, for all of them together. */
  static String of(Map<Peer, Path> peers) {
    List<Asked> all = new ArrayList<>();
    peers.forEach(
        (peer, directory) ->
            all.add(
                new Asked(
                    peer, directory, peer.services().orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS))));
    StringBuilder out = new StringBuilder(TITLE);
    for (Asked asked : all) {
      Peer peer = asked.peer();
      out.append("\n  peer ").append(peer.peerId());
      out.append(" knows ").append(peer.members().size()).append(" peers, itself included; ");
      out.append(peer.deadLetters().size()).append(" dead letters");
      List<String> lines = new ArrayList<>(services(peer.peerId(), asked.services()));
      lines.addAll(audit(asked.directory()));
      lines.forEach(line -> out.append("\n    ").append(line));
    }
    return out.toString();
  }

  private static List<String> services(PeerId peer, CompletableFuture<List<ServiceStatus>> asked) {
    List<ServiceStatus> services;
    try {
      services = asked.join();
    } catch (java.util.concurrent.CompletionException e) {
      return List.of("does not say what it runs: " + e.getCause());
    }
    List<String> lines = new ArrayList<>();
    for (ServiceStatus service : services) {
      service.peers().stream()
          .filter(on -> on.peer().equals(peer))
          .forEach(
              on ->
                  lines.add(
                      service.name()
                          + " "
                          + service.instance()
                          + ": "
                          + on.phase()
                          + ", epoch "
                          + on.epoch()
                          + ", version "
                          + (on.version().isEmpty() ? "none" : on.version())
                          + (on.detail().isEmpty() ? "" : ", " + on.detail())));
    }
    return lines.isEmpty() ? List.of("runs no service") : lines;
  }

  private static List<String> audit(Path directory) {
    try {
      return AuditLog.last(directory, AUDIT_LINES).stream().map(line -> "audit " + line).toList();
    } catch (IOException e) {
      return List.of("its audit cannot be read: " + e.getMessage());
    }
  }
}
