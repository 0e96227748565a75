// A measurement with processes of its own, in a directory that goes with it.
package dev.p2pkit.peer.cli.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.p2pkit.peer.cli.output.TemporaryDirectory;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/** A run of a bench. */
public interface Bench extends AutoCloseable {
  /**
   * Runs to the end and returns the figures.
   *
   * @throws IOException if the run was ended by {@link #close}, or a process cannot be started
   */
  ObjectNode run() throws IOException, InterruptedException;

  /** Ends all processes; may be called from any thread, also more than once. */
  @Override
  void close();

  /**
   * Makes a directory for a bench, runs it there, and removes the directory: at the end, and where
   * the process is stopped by Ctrl-C or SIGTERM. It stays when the run fails, for the logs in it.
   *
   * @throws KitException CANCELLED if the process is being stopped; what the run failed with
   */
  static ObjectNode measure(Function<Path, Bench> make) throws IOException, InterruptedException {
    TemporaryDirectory place = TemporaryDirectory.make("p2pkit-bench");
    Bench bench = make.apply(place.path());
    AtomicBoolean failed = new AtomicBoolean();
    AtomicBoolean stopping = new AtomicBoolean();
    Thread stop =
        new Thread(
            () -> {
              stopping.set(true);
              bench.close();
              if (!failed.get()) {
                place.remove();
              }
            },
            "bench-stop");
    // No finally block runs on Ctrl-C.
    Runtime.getRuntime().addShutdownHook(stop);
    ObjectNode figures;
    try (bench) {
      figures = bench.run();
    } catch (IOException | InterruptedException | RuntimeException e) {
      if (stopping.get()) {
        // Its processes have ended under its hands, and their logs are gone.
        throw new KitException(ErrorCode.CANCELLED, "the bench was stopped", e);
      }
      failed.set(true);
      throw e;
    }
    place.remove();
    return figures;
  }
}
