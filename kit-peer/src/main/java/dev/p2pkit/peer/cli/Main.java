// Entry point of the command line: finds the command, runs it, turns failures into exit codes.
package dev.p2pkit.peer.cli;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.peer.log.Verbosity;
import dev.p2pkit.sdk.Address;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command {@code p2pkit}. Exit codes: 0 done; 1 the operation failed, with {@code CODE:
 * sentence} on standard error; 2 the command was not understood.
 */
@Command(
    name = "p2pkit",
    description = {
      "A ring of peers that runs services and upgrades them with their state.",
      "Try 'p2pkit demo' first."
    },
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    version = "p2pkit 0.1.0",
    subcommands = {
      DemoCommand.class,
      PeerCommand.class,
      TicketCommand.class,
      VerboseCommand.class,
      IdentityCommand.class,
      MembershipCommand.class,
      BanCommand.class,
      UnbanCommand.class,
      BansCommand.class,
      TrustCommand.class,
      DeadLettersCommand.class,
      AuditCommand.class,
      ServiceCommand.class,
      SendCommand.class,
      RpcCommand.class,
      BroadcastCommand.class,
      ListenCommand.class,
      InfoCommand.class,
      RingCommand.class,
      HashCommand.class,
      BenchCommand.class,
      SimulateCommand.class
    })
public final class Main {
  /** The operation was done. */
  public static final int DONE = 0;

  /** The operation failed; its code was printed. */
  public static final int FAILED = 1;

  /** The command line was not understood. */
  public static final int USAGE = 2;

  Main() {}

  /** Runs a command and ends the JVM with its exit code. */
  public static void main(String[] args) {
    Verbosity.toStandardError(Verbosity.DEFAULT);
    // Not System.out: its lines would be encoded for the terminal's locale, and JSON is UTF-8.
    PrintWriter out =
        new PrintWriter(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    PrintWriter err =
        new PrintWriter(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
    System.exit(run(new Output(out, err), args));
  }

  /** Runs a command in this JVM and returns its exit code. */
  public static int run(Output output, String... args) {
    CommandLine line = new CommandLine(new Main(), new Commands(output));
    line.setOut(output.out());
    line.setErr(output.err());
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.registerConverter(Key.class, saying(Key::parse));
    line.registerConverter(PeerId.class, saying(PeerId::parse));
    line.registerConverter(Address.class, saying(Address::parse));
    line.registerConverter(Endpoint.class, saying(Endpoint::parse));
    line.registerConverter(Duration.class, saying(Durations::parse));
    line.setParameterExceptionHandler(Main::refuse);
    line.setExecutionExceptionHandler(
        (failure, command, parsed) -> {
          output.failure(KitException.from(failure));
          return FAILED;
        });
    if (args.length == 0) {
      line.usage(output.out(), Ansi.AUTO);
      return USAGE;
    }
    return line.execute(args);
  }

  /** A converter whose error message is the sentence of the parser. */
  private static <T> ITypeConverter<T> saying(Function<String, T> parser) {
    return text -> {
      try {
        return parser.apply(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    };
  }

  private static int refuse(ParameterException wrong, String[] args) {
    CommandLine command = wrong.getCommandLine();
    PrintWriter err = command.getErr();
    boolean noCommand =
        wrong instanceof UnmatchedArgumentException
            && command.getParent() == null
            && args.length > 0
            && !args[0].startsWith("-");
    err.println(
        noCommand ? "there is no command '" + args[0] + "'" : String.valueOf(wrong.getMessage()));
    err.println("try '" + command.getCommandSpec().qualifiedName() + " --help'");
    err.flush();
    return USAGE;
  }
}
