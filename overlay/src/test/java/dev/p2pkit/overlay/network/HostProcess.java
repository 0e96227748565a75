// The process of one peer, and the file that it writes.
package dev.p2pkit.overlay.network;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The process of one peer; stops, goes on and dies when told to. */
final class HostProcess implements AutoCloseable {
  static final int PORT = 7400;

  private final Process process;
  private final LogFile file;

  private HostProcess(Process process, LogFile file) {
    this.process = process;
    this.file = file;
  }

  /**
   * Starts one.
   *
   * @param before what to put before the command
   * @param directory for its files
   * @param start how often this host was started before
   * @param fast whether with the fast profile of timing; else with the default one
   * @param weather of the path to this host, on which others dial it; empty: they dial it directly
   * @param joins entry points
   */
  static HostProcess start(
      List<String> before,
      String address,
      Path directory,
      int host,
      int start,
      boolean fast,
      Optional<Weather> weather,
      List<String> joins)
      throws IOException {
    Files.createDirectories(directory);
    Path file = directory.resolve("log-" + start);
    List<String> command = new ArrayList<>(before);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx192m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(NetworkHost.class.getName());
    command.addAll(List.of(address, String.valueOf(PORT)));
    command.addAll(List.of(directory.resolve("data").toString(), file.toString()));
    command.add(String.valueOf(host * 100_000_000L + start * 1_000_000L));
    command.add(String.valueOf(System.currentTimeMillis() + start));
    command.add(fast ? NetworkHost.FAST : NetworkHost.DEFAULT);
    command.add(weather.map(Weather::text).orElse(NetworkHost.DIRECT));
    command.addAll(joins);
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("output-" + start).toFile())
            .start();
    return new HostProcess(process, new LogFile(file));
  }

  LogFile file() {
    return file;
  }

  /** Nothing passes any more on the path over which others at these addresses dial this host. */
  void cut(List<String> from) throws IOException {
    for (String address : from) {
      tell("CUT " + address);
    }
  }

  /** Takes all cuts back. */
  void mend() throws IOException {
    tell("MEND");
  }

  private void tell(String line) throws IOException {
    process.outputWriter().write(line + "\n");
    process.outputWriter().flush();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** SIGKILL. */
  void kill() {
    process.destroyForcibly().onExit().orTimeout(10, TimeUnit.SECONDS).join();
  }

  /** Every thread of it stands still. */
  void pause() throws IOException, InterruptedException {
    signal("STOP");
  }

  void resume() throws IOException, InterruptedException {
    signal("CONT");
  }

  private void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start().waitFor();
  }

  @Override
  public void close() {
    kill();
  }
}
