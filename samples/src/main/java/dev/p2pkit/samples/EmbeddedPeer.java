// A peer inside of a program, and a service called through it.
package dev.p2pkit.samples;

import static dev.p2pkit.sdk.InstallOptions.named;

import dev.p2pkit.peer.JoinMode;
import dev.p2pkit.peer.Peer;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ServiceHandle;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * {@code EmbeddedPeer DIRECTORY JAR [HOST:PORT#ID ...]}: joins or creates a network, installs the
 * counter and counts.
 */
public final class EmbeddedPeer {
  private EmbeddedPeer() {}

  /** Runs once and leaves. */
  public static void main(String[] args) {
    List<String> points = List.of(args).subList(2, args.length);
    System.out.println("counted " + count(Path.of(args[0]), Path.of(args[1]), points));
  }

  static String count(Path directory, Path jar, List<String> points) {
    try (Peer peer =
        Peer.builder()
            .dataDirectory(directory)
            .entryPoints(points)
            .joinMode(JoinMode.CREATE_OR_JOIN)
            .start()
            .join()) {
      ServiceHandle counter = peer.install(Archive.of(jar), named("counter")).join();
      Map<?, ?> total = counter.hash("alice").rpc(Map.of("by", 1, "id", "first"), Map.class).join();
      return String.valueOf(total.get("count"));
    }
  }
}
