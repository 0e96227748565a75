// One peer as a child process: starts it, hears its ready line and its events, stops or kills it.
package dev.p2pkit.peer.cli.process;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * A child process that runs {@code p2pkit peer --json}. It ends when this JVM does, however that
 * ends, because it watches its standard input. Thread-safe.
 */
public final class PeerProcess implements AutoCloseable {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int LAST_LINES = 5;

  private final Process process;
  private final Path directory;
  private final CompletableFuture<Ready> ready = new CompletableFuture<>();

  private PeerProcess(Process process, Path directory) {
    this.process = process;
    this.directory = directory;
  }

  /**
   * What a peer prints when it is ready.
   *
   * @param peerId its id
   * @param address {@code host:port}
   * @param entryPoint {@code host:port#id}: what others join through
   * @param ticket a client ticket
   */
  public record Ready(PeerId peerId, String address, String entryPoint, String ticket) {}

  /**
   * Starts a peer.
   *
   * @param directory made for it: its data directory {@code data} and its log {@code peer.log}
   * @param flags of the JVM
   * @param arguments of {@code p2pkit peer}, without {@code --data-dir}
   * @param onEvent hears each line of {@code --events}, on a thread of its own
   */
  public static PeerProcess start(
      Path directory, List<String> flags, List<String> arguments, Consumer<JsonNode> onEvent)
      throws IOException {
    Files.createDirectories(directory);
    List<String> all = new ArrayList<>(List.of("peer", "--json", "--exit-with-parent"));
    all.addAll(List.of("--data-dir", directory.resolve("data").toString()));
    all.addAll(arguments);
    return run(directory, JavaCommand.of(flags, all), onEvent);
  }

  /**
   * Starts any command that prints a peer's ready line first and JSON lines afterwards, and that
   * ends with its standard input.
   */
  public static PeerProcess run(Path directory, List<String> command, Consumer<JsonNode> onLine)
      throws IOException {
    Files.createDirectories(directory);
    Process process =
        new ProcessBuilder(command)
            .redirectError(directory.resolve("peer.log").toFile())
            .directory(directory.toFile())
            .start();
    PeerProcess peer = new PeerProcess(process, directory);
    Thread reader = new Thread(() -> peer.read(onLine), "output-of-" + process.pid());
    reader.setDaemon(true);
    reader.start();
    return peer;
  }

  /**
   * Waits for something that these processes bring about.
   *
   * @param directory where their logs are, for the error
   * @throws KitException what the stage failed with; CLOSED if one of them has ended before it was
   *     done, TIMEOUT if it was not done in time
   */
  public static <T> T await(
      CompletableFuture<T> stage, int seconds, Collection<PeerProcess> processes, Path directory)
      throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (true) {
      try {
        return stage.get(100, TimeUnit.MILLISECONDS);
      } catch (ExecutionException e) {
        throw KitException.from(e.getCause() == null ? e : e.getCause());
      } catch (TimeoutException e) {
        boolean dead = processes.stream().anyMatch(process -> !process.isAlive());
        if (dead || System.nanoTime() - deadline > 0) {
          throw new KitException(
              dead ? ErrorCode.CLOSED : ErrorCode.TIMEOUT,
              (dead ? "a process has ended too early" : "nothing came for " + seconds + " s")
                  + "; the logs of the processes are in "
                  + directory,
              e);
        }
      }
    }
  }

  private void read(Consumer<JsonNode> onLine) {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      String line = lines.readLine();
      while (line != null) {
        JsonNode node = MAPPER.readTree(line);
        if (node.has("peerId") && !ready.isDone()) {
          ready.complete(
              new Ready(
                  PeerId.parse(node.path("peerId").asText()),
                  node.path("address").asText(),
                  node.path("entryPoint").asText(),
                  node.path("ticket").asText()));
        } else {
          onLine.accept(node);
        }
        line = lines.readLine();
      }
    } catch (JsonProcessingException e) {
      ready.completeExceptionally(
          new KitException(ErrorCode.PROTOCOL_ERROR, "a peer printed something else than JSON", e));
    } catch (IOException e) {
      // The stream of a process that was killed may end so; the exit below says what there is.
    }
    ready.completeExceptionally(
        new KitException(
            ErrorCode.CLOSED, "a peer ended before it was ready; its log ends with: " + logEnd()));
  }

  private String logEnd() {
    try {
      List<String> lines = Files.readAllLines(directory.resolve("peer.log"));
      return String.join(
          " | ", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
    } catch (IOException e) {
      return "(no log: " + e.getMessage() + ")";
    }
  }

  /** Completes when the peer is ready; fails if it ends before. */
  public CompletableFuture<Ready> ready() {
    return ready;
  }

  /** The id of the process. */
  public long pid() {
    return process.pid();
  }

  /** Where its files are. */
  public Path directory() {
    return directory;
  }

  /** Whether the process runs. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** Ends the process's standard input, as the end of this JVM would. */
  public void endInput() throws IOException {
    process.getOutputStream().close();
  }

  /** SIGKILL: the process gets no chance to say good-bye. */
  public void kill() {
    process.destroyForcibly();
  }

  /** Asks the process to leave; {@link #close} waits for it. */
  public void stop() {
    process.destroy();
  }

  /** Waits for the end; false if the time passed before. */
  public boolean awaitExit(Duration limit) throws InterruptedException {
    return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Asks the process to leave, and kills it if it has not after 5 s. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        process.waitFor(5, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
