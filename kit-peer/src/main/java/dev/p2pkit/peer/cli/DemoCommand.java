// p2pkit demo: shows the main job with one command.
package dev.p2pkit.peer.cli;

import dev.p2pkit.peer.cli.demo.Demo;
import dev.p2pkit.peer.cli.demo.DemoSettings;
import dev.p2pkit.peer.cli.output.TemporaryDirectory;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs the demo; see {@link Demo}. */
@Command(
    name = "demo",
    description = {
      "Shows a ring of five processes that is upgraded under load.",
      "Installs a service, calls it, upgrades it meanwhile, kills a peer, lets one join, and compares"
          + " what the clients were told with what the peers wrote down."
    })
final class DemoCommand extends KitCommand {
  @Option(
      names = "--keep",
      description = "Leaves the ring up at the end and prints a ticket; Ctrl-C ends it.")
  boolean keep;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description =
          "Where logs and evidence are kept, a directory that is empty or does not exist; by"
              + " default a temporary one that is removed after success.")
  Optional<Path> directory = Optional.empty();

  @Option(
      names = "--samples",
      hidden = true,
      description = "The directory with counter-1.jar and counter-2.jar.")
  Path samples = Path.of(System.getProperty("p2pkit.home", "."), "samples", "target");

  @Override
  public Integer call() throws Exception {
    for (int version = 1; version <= 2; version++) {
      Path jar = samples.resolve("counter-" + version + ".jar");
      if (!Files.isRegularFile(jar)) {
        throw new KitException(
            ErrorCode.BAD_ARCHIVE,
            jar
                + " is missing; run 'mvn package' at the top of the source tree, or start the demo"
                + " by ./p2pkit demo, which does");
      }
    }
    Path place = place();
    // Where the result is JSON, progress is told on standard error.
    boolean terminal = terminal(json);
    Demo demo = new Demo(new DemoSettings(place, samples, json, terminal), output());
    AtomicBoolean stopping = new AtomicBoolean();
    // What a run without success has left is worth a look, and so is what --dir asked for.
    AtomicBoolean evidence = new AtomicBoolean(directory.isPresent());
    // Also on Ctrl-C, where no finally block runs.
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  stopping.set(true);
                  demo.close();
                  if (!evidence.get()) {
                    new TemporaryDirectory(place).remove();
                  }
                },
                "demo-stop"));
    boolean passed = false;
    try (demo) {
      passed = demo.run();
      if (!passed) {
        evidence.set(true);
      }
      if (keep) {
        if (evidence.get()) {
          output().note("logs and evidence are in " + place);
        }
        output().note("the ring stays up until Ctrl-C; in another terminal:");
        output().note("  export P2PKIT_TICKET='" + String.join(" ", demo.tickets()) + "'");
        output().note("  ./p2pkit ring");
        new CountDownLatch(1).await();
      }
    } catch (IOException | InterruptedException | RuntimeException e) {
      if (stopping.get()) {
        // The user has ended the run; that its processes end under its hands is no failure.
        return Main.FAILED;
      }
      evidence.set(true);
      output().note("logs and evidence are in " + place);
      throw e;
    }
    if (evidence.get()) {
      output().note("logs and evidence are in " + place);
    }
    return passed ? Main.DONE : Main.FAILED;
  }

  private Path place() throws IOException {
    if (directory.isEmpty()) {
      return TemporaryDirectory.make("p2pkit-demo").path();
    }
    Path place = directory.get();
    Files.createDirectories(place);
    try (var entries = Files.list(place)) {
      if (entries.findAny().isPresent()) {
        throw usage(place + " is not empty; name another directory with --dir");
      }
    }
    return place;
  }
}
