// Hosts of our own on this machine: network namespaces on two bridges with a path between them.
package dev.p2pkit.overlay.network;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * A network of namespaces that nothing else on the machine sees: each host has one, and one more
 * holds the two bridges to which the hosts are plugged. A host that is unplugged, or a path that is
 * down, swallows what is sent: no reset and no refusal comes back.
 */
final class Namespaces implements AutoCloseable {
  private static final String PREFIX = "p2pkit-test-";
  private static final String SUBNET = "10.77.0.";
  private static final String NOBODY = "02:00:00:00:00:99";

  /** What the system, ip and mount say of it; error=2 is a tool that is not there. */
  private static final Pattern LACKING =
      Pattern.compile(
          "Cannot run program .* error(=|: )(2|13)\\b"
              + "|Operation not permitted|Permission denied|Operation not supported"
              + "|Protocol not supported|Unknown device type|Read-only file system"
              + "|Object \"netns\" is unknown|invalid argument 'netns'");

  private final String name = PREFIX + ProcessHandle.current().pid();
  private final List<String> made = new ArrayList<>();
  private final int hosts;

  private Namespaces(int hosts) {
    this.hosts = hosts;
  }

  /**
   * Why there can be none on this machine; empty if there can.
   *
   * @throws IOException if that cannot be told: a command has failed for a reason that is no lack
   *     of a tool, a right or a part of the kernel, or took too long
   */
  static Optional<String> missing() throws IOException {
    if (!Files.isDirectory(Path.of("/proc/self/ns"))) {
      return Optional.of("this machine has no network namespaces");
    }
    String probe = PREFIX + ProcessHandle.current().pid() + "-probe";
    try {
      run("ip", "netns", "add", probe);
      try {
        run("ip", "-n", probe, "link", "add", "bridge0", "type", "bridge");
        run("ip", "-n", probe, "link", "add", "one", "type", "veth", "peer", "name", "other");
        run("ip", "netns", "exec", probe, "true");
      } finally {
        run("ip", "netns", "del", probe);
      }
      return Optional.empty();
    } catch (IOException e) {
      if (lacksSomething(e)) {
        return Optional.of("this machine has no way to make hosts of its own: " + e.getMessage());
      }
      throw e;
    }
  }

  /** Whether a command has failed for want of a tool, a right or a part of the kernel. */
  static boolean lacksSomething(IOException failed) {
    return LACKING.matcher(String.valueOf(failed.getMessage())).find();
  }

  /** So many hosts, the first half of them on the left. */
  static Namespaces make(int hosts) throws IOException {
    removeForgotten();
    Namespaces made = new Namespaces(hosts);
    try {
      made.build();
      return made;
    } catch (IOException e) {
      made.close();
      throw e;
    }
  }

  private void build() throws IOException {
    add(hub());
    batch(
        hub(),
        "link add left type bridge",
        "link add right type bridge",
        "link add path-left type veth peer name path-right",
        "link set path-left master left",
        "link set path-right master right",
        "link set left up",
        "link set right up",
        "link set path-left up",
        "link set path-right up");
    for (int host = 0; host < hosts; host++) {
      add(host(host));
      batch(
          hub(),
          "link add h" + host + " type veth peer name eth0 netns " + host(host),
          "link set h" + host + " master " + side(host),
          "link set h" + host + " up");
      batch(
          host(host),
          "link set lo up",
          "addr add " + address(host) + "/24 dev eth0",
          "link set eth0 up");
    }
  }

  private void add(String namespace) throws IOException {
    run("ip", "netns", "add", namespace);
    made.add(namespace);
  }

  private String hub() {
    return name + "-hub";
  }

  private String host(int host) {
    return name + "-" + host;
  }

  private String side(int host) {
    return isLeft(host) ? "left" : "right";
  }

  boolean isLeft(int host) {
    return host < hosts / 2;
  }

  /** Where a host can be reached by the others. */
  String address(int host) {
    return SUBNET + (10 + host);
  }

  /** What to put before a command so that it runs on a host. */
  List<String> on(int host) {
    return List.of("ip", "netns", "exec", host(host));
  }

  /** Pulls a host's plug. */
  void unplug(int host) throws IOException {
    batch(hub(), "link set h" + host + " nomaster");
  }

  void plug(int host) throws IOException {
    batch(hub(), "link set h" + host + " master " + side(host));
  }

  /** Parts left and right. */
  void divide() throws IOException {
    batch(hub(), "link set path-left down");
  }

  void unite() throws IOException {
    batch(hub(), "link set path-left up");
  }

  /** Closes the path between two hosts, both ways: what they send to each other is swallowed. */
  void closePath(int one, int other) throws IOException {
    for (int[] way : new int[][] {{one, other}, {other, one}}) {
      // Frames to a card that nobody has.
      batch(
          host(way[0]),
          "neigh replace " + address(way[1]) + " lladdr " + NOBODY + " dev eth0 nud permanent");
    }
  }

  void openPath(int one, int other) throws IOException {
    batch(host(one), "neigh del " + address(other) + " dev eth0");
    batch(host(other), "neigh del " + address(one) + " dev eth0");
  }

  private static void batch(String namespace, String... lines) throws IOException {
    runWithInput(String.join("\n", lines) + "\n", "ip", "-n", namespace, "-batch", "-");
  }

  private static void run(String... command) throws IOException {
    runWithInput("", command);
  }

  private static void runWithInput(String input, String... command) throws IOException {
    runWithin(Duration.ofSeconds(20), input, command);
  }

  /** Runs what says little: its words are read when it has ended. */
  static void runWithin(Duration limit, String input, String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      try (var in = process.getOutputStream()) {
        in.write(input.getBytes(StandardCharsets.UTF_8));
      }
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException(String.join(" ", command) + " has not ended within " + limit);
      }
      String said =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (process.exitValue() != 0) {
        throw new IOException(String.join(" ", command) + ": " + said);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      process.destroyForcibly();
    }
  }

  /** What an earlier run left that was killed. */
  private static void removeForgotten() throws IOException {
    Path directory = Path.of("/var/run/netns");
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (var namespaces = Files.list(directory)) {
      for (Path each : namespaces.toList()) {
        String name = each.getFileName().toString();
        String pid = name.replaceFirst(PREFIX + "(\\d+)-.*", "$1");
        if (!pid.equals(name) && ProcessHandle.of(Long.parseLong(pid)).isEmpty()) {
          run("ip", "netns", "del", name);
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    IOException failed = null;
    for (String namespace : made) {
      try {
        run("ip", "netns", "del", namespace);
      } catch (IOException e) {
        failed = e;
      }
    }
    made.clear();
    if (failed != null) {
      throw failed;
    }
  }
}
