// The command that starts another JVM with this JVM's class path.
package dev.p2pkit.peer.cli.process;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Builds the command line of a child JVM that runs a {@code p2pkit} command. */
public final class JavaCommand {
  private static final String MAIN = "dev.p2pkit.peer.cli.Main";
  private static final int FIRST_WITH_UNSAFE_WARNINGS = 24;

  private JavaCommand() {}

  /** The command for {@code p2pkit arguments} in a JVM with these flags. */
  public static List<String> of(List<String> flags, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    if (Runtime.version().feature() >= FIRST_WITH_UNSAFE_WARNINGS) {
      // Newer JDKs complain on standard error about what Netty and Kryo do for speed.
      command.add("--enable-native-access=ALL-UNNAMED");
      command.add("--sun-misc-unsafe-memory-access=allow");
    }
    command.add("-cp");
    command.add(classPath());
    command.add(MAIN);
    command.addAll(arguments);
    return command;
  }

  /** This JVM's class path for a process that runs in another directory. */
  private static String classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .map(entry -> entry.endsWith("*") ? entry : Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }
}
