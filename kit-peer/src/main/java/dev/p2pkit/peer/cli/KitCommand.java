// What all commands share: --help, --json, the streams, and waiting for an outcome.
package dev.p2pkit.peer.cli;

import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command; {@link #call} returns its exit code. */
@Command(showDefaultValues = false, sortOptions = false, usageHelpAutoWidth = true)
abstract class KitCommand implements Callable<Integer> {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this page.")
  boolean help;

  @Option(names = "--json", description = "Prints the result as JSON.")
  boolean json;

  @Spec private @Nullable CommandSpec spec;
  private @Nullable Output output;

  /**
   * Whether a line of a stream can be rewritten, as the launcher has found out.
   *
   * @param errors of standard error; else of standard output
   */
  static boolean terminal(boolean errors) {
    return Boolean.getBoolean(errors ? "p2pkit.terminal.err" : "p2pkit.terminal.out");
  }

  final void printTo(Output where) {
    output = where;
  }

  final Output output() {
    return Objects.requireNonNull(output);
  }

  /** The error for a command line that picocli accepts and we do not; exit code 2. */
  final ParameterException usage(String sentence) {
    return new ParameterException(Objects.requireNonNull(spec).commandLine(), sentence);
  }

  /** The options that the command line has, by their long names. */
  final List<String> given() {
    return Objects.requireNonNull(spec).commandLine().getParseResult().matchedOptions().stream()
        .map(OptionSpec::longestName)
        .toList();
  }

  /**
   * The value of a stage; fails with the {@link KitException} that the stage failed with, and with
   * {@link ErrorCode#CANCELLED} if the thread is interrupted.
   */
  static <T> T await(CompletableFuture<T> stage) {
    try {
      return stage.get();
    } catch (ExecutionException e) {
      throw KitException.from(Objects.requireNonNullElse(e.getCause(), e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KitException(ErrorCode.CANCELLED, "interrupted while waiting", e);
    }
  }
}
