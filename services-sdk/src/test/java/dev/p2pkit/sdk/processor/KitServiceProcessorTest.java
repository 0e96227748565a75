// The annotation processor in the real compiler: what it writes and what it refuses.
package dev.p2pkit.sdk.processor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.ServiceLoader;
import javax.annotation.processing.Processor;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KitServiceProcessorTest {
  private static final String COUNTER =
      """
      package counter;

      import dev.p2pkit.sdk.*;
      import java.time.Instant;
      import java.util.*;

      @KitService(name = "counter", version = "2.0", state = CounterMaker.Totals.class, schema = 2)
      public final class CounterMaker implements ServiceMaker {
        enum Kind { SMALL, LARGE }
        record Entry(String who, int[] amounts) {}
        record Totals(long count, Instant since, Map<String, List<Entry>> entries, Kind kind) {}

        @Override
        public ServiceDescriptor make(PeerContext peer) {
          throw new UnsupportedOperationException();
        }
      }
      """;

  @TempDir private Path output;

  private List<String> compile(String source) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
    try (StandardJavaFileManager files =
        compiler.getStandardFileManager(diagnostics, Locale.ROOT, StandardCharsets.UTF_8)) {
      files.setLocationFromPaths(StandardLocation.CLASS_OUTPUT, List.of(output));
      JavaCompiler.CompilationTask task =
          compiler.getTask(
              null,
              files,
              diagnostics,
              List.of("-classpath", System.getProperty("java.class.path")),
              null,
              List.of(new Source(source)));
      task.setProcessors(List.of(new KitServiceProcessor()));
      boolean unused = task.call();
    }
    return diagnostics.getDiagnostics().stream()
        .filter(each -> each.getKind() == javax.tools.Diagnostic.Kind.ERROR)
        .map(each -> each.getMessage(Locale.ROOT))
        .toList();
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String text) {
      super(URI.create("string:///counter/CounterMaker.java"), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }

  @Test
  void theDescriptorSaysWhatTheAnnotationSays() throws IOException {
    assertThat(compile(COUNTER)).isEmpty();

    assertThat(output.resolve("META-INF/kit/service.json"))
        .content()
        .isEqualTo(
            """
            {
              "format": 1,
              "name": "counter",
              "version": "2.0",
              "maker": "counter.CounterMaker",
              "state": {
                "type": "counter.CounterMaker$Totals",
                "schema": 2
              },
              "execution": {
                "mode": "WORKER",
                "turnMillis": 5000
              },
              "mailbox": {
                "messages": 10000,
                "bytes": 33554432
              }
            }
            """);
  }

  @Test
  void theSchemaDescribesTheStateAndWhatItIsMadeOf() throws IOException {
    assertThat(compile(COUNTER)).isEmpty();

    String schema = Files.readString(output.resolve("META-INF/kit/state-schema.json"));

    assertThat(schema)
        .contains("\"schema\": 2", "\"type\": \"counter.CounterMaker$Totals\"")
        .containsSubsequence(
            "\"name\": \"count\"",
            "\"type\": \"long\"",
            "\"name\": \"since\"",
            "\"type\": \"java.time.Instant\"",
            "\"name\": \"entries\"",
            "\"type\": \"java.util.Map<java.lang.String,"
                + " java.util.List<counter.CounterMaker$Entry>>\"")
        .contains("\"type\": \"int[]\"")
        .containsSubsequence("\"kind\": \"enum\"", "\"SMALL\"", "\"LARGE\"")
        .doesNotContain("\"java.time.Instant\": {");
  }

  @Test
  void messagesThatAreNamedAreDescribedBesideTheDescriptor() throws IOException {
    assertThat(compile(COUNTER)).isEmpty();
    assertThat(output.resolve("META-INF/kit/message-schema.json")).doesNotExist();
    assertThat(
            compile(
                COUNTER
                    .replace(
                        "schema = 2)",
                        "schema = 2, messages = {CounterMaker.Add.class, CounterMaker.Total.class})")
                    .replace(
                        "enum Kind",
                        "record Add(Entry entry) {} record Total(long count) {} enum Kind")))
        .isEmpty();
    assertThat(Files.readString(output.resolve("META-INF/kit/message-schema.json")))
        .containsSubsequence(
            "\"format\": 1",
            "\"types\": [",
            "\"counter.CounterMaker$Add\"",
            "\"counter.CounterMaker$Total\"",
            "\"classes\": {",
            "\"counter.CounterMaker$Add\": {",
            "\"kind\": \"record\"",
            "\"name\": \"entry\"",
            "\"counter.CounterMaker$Entry\": {",
            "\"type\": \"int[]\"",
            "\"counter.CounterMaker$Total\": {",
            "\"name\": \"count\"");
  }

  @Test
  void aStatelessServiceHasNoSchema() throws IOException {
    assertThat(compile(COUNTER.replace(", state = CounterMaker.Totals.class, schema = 2", "")))
        .isEmpty();

    assertThat(output.resolve("META-INF/kit/service.json"))
        .content()
        .doesNotContain("\"state\"")
        .contains("counter.CounterMaker");
    assertThat(output.resolve("META-INF/kit/state-schema.json")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "public final class CounterMaker | public abstract class CounterMaker | not abstract",
        "public final class CounterMaker implements ServiceMaker | public final class CounterMaker | implements dev.p2pkit.sdk.ServiceMaker",
        "enum Kind | private CounterMaker() {} enum Kind | public constructor without arguments",
        "enum Kind | public CounterMaker(int x) {} enum Kind | public constructor without arguments",
        "public final class CounterMaker | final class CounterMaker | is public",
        "name = \"counter\" | name = \"no spaces\" | 1 to 128 letters",
        "version = \"2.0\" | version = \"\" | 1 to 64 letters",
        "schema = 2 | schema = 0 | from 1 on",
        "schema = 2 | turnMillis = 0 | between 1 and 600000",
        "schema = 2 | mailboxMessages = 0 | at least one message",
        "schema = 2 | messages = String.class | of the archive, not java.lang.String",
        "schema = 2 | messages = int[].class | of the archive, not int[]",
        "record Totals( | static class Totals { Totals(int x) {} } record Other( | record, or a class",
      })
  void whatAPeerCouldNotLoadDoesNotCompile(String from, String to, String message)
      throws IOException {
    String source = COUNTER.replace(from, to);
    if (to.contains("class CounterMaker") && !to.contains("implements")) {
      source = source.replace("  @Override\n", "");
    }
    assertThat(source).isNotEqualTo(COUNTER);

    assertThat(compile(source)).anyMatch(error -> error.contains(message));
    assertThat(output.resolve("META-INF/kit/service.json")).doesNotExist();
  }

  @Test
  void thereIsOneServiceInAnArchive() throws IOException {
    assertThat(
            compile(
                COUNTER
                    + """
                    @KitService(name = "two", version = "1")
                    class Second implements ServiceMaker {
                      public Second() {}
                      public ServiceDescriptor make(PeerContext peer) { return null; }
                    }
                    """))
        .anyMatch(error -> error.contains("counter.CounterMaker is one too"));
  }

  @Test
  void compilersFindTheProcessor() {
    assertThat(ServiceLoader.load(Processor.class))
        .anyMatch(found -> found instanceof KitServiceProcessor);
  }
}
