// The launcher on machines that lack something, with stand-ins for java and mvn on the PATH.
package dev.p2pkit.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LauncherTest {
  private static final List<String> TOOLS =
      List.of(
          "sh",
          "sed",
          "head",
          "dirname",
          "readlink",
          "find",
          "mkdir",
          "mv",
          "tr",
          "cat",
          "rm",
          "sleep");

  @TempDir Path directory;
  private Path tree = Path.of("");
  private Path bin = Path.of("");

  private record Run(int code, String out, String err) {}

  @BeforeEach
  void makeTree() throws IOException {
    tree = Files.createDirectories(directory.resolve("a tree"));
    bin = Files.createDirectories(directory.resolve("bin"));
    Files.copy(Path.of("..", "p2pkit"), tree.resolve("p2pkit"));
    Files.createFile(tree.resolve("pom.xml"));
    Files.createDirectories(tree.resolve("kit-peer/src/main"));
    Files.createDirectories(tree.resolve("samples/src"));
    Files.createFile(tree.resolve("kit-peer/pom.xml"));
    // Only what the launcher may need: no java and no mvn of this machine.
    for (String tool : TOOLS) {
      Path real =
          Files.exists(Path.of("/bin", tool)) ? Path.of("/bin", tool) : Path.of("/usr/bin", tool);
      Files.createSymbolicLink(bin.resolve(tool), real);
    }
  }

  @Test
  void noJava() throws Exception {
    assertRefused(run(Map.of(), "ring"), "no Java found; install a JDK 17 or newer");
  }

  @Test
  void javaHomeWithoutJava() throws Exception {
    assertRefused(
        run(Map.of("JAVA_HOME", directory.toString()), "ring"), "JAVA_HOME is " + directory);
  }

  @Test
  void anOldJava() throws Exception {
    script(bin.resolve("java"), "echo 'java version \"1.8.0_402\"' >&2");
    assertRefused(run(Map.of(), "ring"), "is Java 1.8.0_402; install a JDK 17 or newer");
    script(bin.resolve("java"), "echo 'openjdk version \"11.0.22\" 2024-01-16' >&2");
    assertRefused(run(Map.of(), "ring"), "is Java 11.0.22; install a JDK 17 or newer");
  }

  @Test
  void aRuntimeWithoutCompiler() throws Exception {
    java();
    assertRefused(run(Map.of(), "ring"), "install a JDK 17 or newer, not a JRE");
  }

  @Test
  void noMaven() throws Exception {
    java();
    script(bin.resolve("javac"), "exit 0");
    assertRefused(run(Map.of(), "ring"), "there is no Maven; install Maven 3.8 or newer");
  }

  @Test
  void anOldMaven() throws Exception {
    java();
    script(bin.resolve("javac"), "exit 0");
    script(bin.resolve("mvn"), "echo 'Apache Maven 3.6.3'");
    assertRefused(run(Map.of(), "ring"), "is Maven 3.6; install Maven 3.8 or newer");
  }

  @Test
  void aFailedBuild() throws Exception {
    java();
    script(bin.resolve("javac"), "exit 0");
    script(
        bin.resolve("mvn"),
        "[ \"$1\" = -version ] && { echo 'Apache Maven 3.8.7'; exit 0; }; echo no such symbol; exit 1");
    Run run = run(Map.of(), "ring");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("no such symbol", "the build failed");
  }

  @Test
  void buildsOnceAndAgainOnlyAfterAChange() throws Exception {
    // A lock that a killed launcher has left must not stop anybody.
    Files.createDirectories(tree.resolve("target/p2pkit.lock"));
    Files.writeString(tree.resolve("target/p2pkit.lock/pid"), "999999999\n");
    java();
    script(bin.resolve("javac"), "exit 0");
    script(
        bin.resolve("mvn"),
        """
        [ "$1" = -version ] && { echo 'Apache Maven 3.9.9'; exit 0; }
        echo noise
        echo noise >&2
        mkdir -p kit-peer/target/lib samples/target
        cat pom.xml > kit-peer/target/kit-peer-1.jar
        cat pom.xml > samples/target/counter-2.jar
        """);
    assertThat(run(Map.of(), "ring").err()).contains("building").doesNotContain("noise");
    Run second = run(Map.of("P2PKIT_JAVA_OPTIONS", "-Da=b -Dc=d"), "ring", "--ticket", "a b");
    assertThat(second.err()).isEmpty();
    assertThat(second.code()).isEqualTo(7);
    assertThat(second.out())
        .contains("-Da=b -Dc=d")
        .contains(tree + "/kit-peer/target/kit-peer-1.jar:")
        .endsWith("dev.p2pkit.peer.cli.Main ring --ticket a b\n");
    Path source = Files.createFile(tree.resolve("kit-peer/src/main/New.java"));
    FileTime later = FileTime.from(Instant.now().plusSeconds(5));
    Files.setLastModifiedTime(source, later);
    assertThat(run(Map.of(), "ring").err()).contains("building");
  }

  @Test
  void twoAtOnceBuildOnce() throws Exception {
    java();
    script(bin.resolve("javac"), "exit 0");
    script(
        bin.resolve("mvn"),
        """
        [ "$1" = -version ] && { echo 'Apache Maven 3.9.9'; exit 0; }
        echo built >> builds
        sleep 1
        mkdir -p kit-peer/target/lib samples/target
        cat pom.xml > kit-peer/target/kit-peer-1.jar
        cat pom.xml > samples/target/counter-2.jar
        """);
    Process other = start(tree.resolve("p2pkit"), Map.of(), "one", "ring");
    Run run = run(Map.of(), "ring");
    assertThat(other.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(run.code()).isEqualTo(7);
    assertThat(other.exitValue()).isEqualTo(7);
    assertThat(Files.readAllLines(tree.resolve("builds"))).hasSize(1);
    assertThat(tree.resolve("target/p2pkit.lock")).doesNotExist();
  }

  @Test
  void canBeCalledThroughALink() throws Exception {
    Path link = Files.createSymbolicLink(directory.resolve("link"), tree.resolve("p2pkit"));
    java();
    built();
    Run run = run(link, Map.of(), "ring");
    assertThat(run.out()).contains("-Dp2pkit.home=" + tree);
  }

  /** Progress is shown on standard error, results on standard output: one may be a file. */
  @Test
  void eachStreamIsATerminalForItself() throws Exception {
    Path terminal = Path.of("/usr/bin/script");
    assumeTrue(Files.exists(terminal), "this machine has no " + terminal);
    java();
    built();
    assertThat(run(Map.of(), "ring").out()).doesNotContain("p2pkit.terminal");
    String launcher = "sh '" + tree.resolve("p2pkit") + "' ring";
    Path out = directory.resolve("only.out");
    onTerminal(terminal, launcher + " > '" + out + "'");
    assertThat(Files.readString(out))
        .contains("-Dp2pkit.terminal.err=true")
        .doesNotContain("p2pkit.terminal.out");
    assertThat(onTerminal(terminal, launcher + " 2> '" + directory.resolve("only.err") + "'"))
        .contains("-Dp2pkit.terminal.out=true")
        .doesNotContain("p2pkit.terminal.err");
  }

  /** What a command shows on a terminal of its own. */
  private String onTerminal(Path terminal, String command) throws Exception {
    Path shown = directory.resolve("shown");
    ProcessBuilder builder =
        new ProcessBuilder(terminal.toString(), "-qec", command, directory.resolve("log") + "");
    builder.environment().clear();
    builder.environment().put("PATH", bin.toString());
    builder.environment().put("SHELL", "/bin/sh");
    builder.redirectInput(Path.of("/dev/null").toFile());
    builder.redirectErrorStream(true).redirectOutput(shown.toFile());
    Process process = builder.start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return Files.readString(shown, StandardCharsets.UTF_8);
  }

  /** As if a build had just ended. */
  private void built() throws IOException {
    Files.createDirectories(tree.resolve("kit-peer/target/lib"));
    Files.createDirectories(tree.resolve("samples/target"));
    Files.createFile(tree.resolve("samples/target/counter-2.jar"));
    Path jar = Files.createFile(tree.resolve("kit-peer/target/kit-peer-1.jar"));
    Files.setLastModifiedTime(jar, FileTime.from(Instant.now().plusSeconds(5)));
  }

  private void java() throws IOException {
    // Prints its arguments and ends with a code of its own, so that exec can be seen.
    script(
        bin.resolve("java"),
        "[ \"$1\" = -version ] && { echo 'openjdk version \"17.0.9\" 2023-10-17' >&2; exit 0; }\n"
            + "echo \"$@\"\nexit 7");
  }

  private static void script(Path file, String body) throws IOException {
    Files.writeString(file, "#!/bin/sh\n" + body + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static void assertRefused(Run run, String sentence) {
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err().lines()).hasSize(1);
    assertThat(run.err()).startsWith("p2pkit: ").contains(sentence);
  }

  private Run run(Map<String, String> environment, String... arguments) throws Exception {
    return run(tree.resolve("p2pkit"), environment, arguments);
  }

  private Run run(Path launcher, Map<String, String> environment, String... arguments)
      throws Exception {
    Process process = start(launcher, environment, "run", arguments);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Run(
        process.exitValue(),
        Files.readString(directory.resolve("run.out"), StandardCharsets.UTF_8),
        Files.readString(directory.resolve("run.err"), StandardCharsets.UTF_8));
  }

  private Process start(
      Path launcher, Map<String, String> environment, String name, String... arguments)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(bin.resolve("sh").toString(), launcher.toString());
    builder.command().addAll(List.of(arguments));
    builder.environment().clear();
    builder.environment().put("PATH", bin.toString());
    builder.environment().putAll(environment);
    builder.redirectOutput(directory.resolve(name + ".out").toFile());
    builder.redirectError(directory.resolve(name + ".err").toFile());
    return builder.start();
  }
}
