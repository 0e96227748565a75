// Service archives compiled in a test: the same way as a user's build makes them.
package dev.p2pkit.peer.conformance;

import dev.p2pkit.peer.cli.output.TemporaryDirectory;
import dev.p2pkit.sdk.Archive;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Compiles sources with the annotation processor of the SDK and packs the result. */
final class Archives {
  private Archives() {}

  /**
   * An archive with one maker, {@code test.Maker}, whose source is given without package and
   * imports.
   */
  static Archive of(String source) {
    String whole =
        "package test;\n"
            + "import dev.p2pkit.sdk.*;\n"
            + "import java.util.*;\n"
            + "import java.util.concurrent.*;\n"
            + "import java.time.*;\n"
            + source;
    try {
      TemporaryDirectory place = TemporaryDirectory.make("p2pkit-archive");
      try {
        compile(whole, place.path());
        return packed(place.path());
      } finally {
        place.remove();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Archive packed(Path classes) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JarOutputStream jar = new JarOutputStream(bytes);
        Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        jar.putNextEntry(new JarEntry(classes.relativize(file).toString()));
        jar.write(Files.readAllBytes(file));
        jar.closeEntry();
      }
    }
    return Archive.of(bytes.toByteArray());
  }

  private static void compile(String source, Path classes) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();
    JavaFileObject file =
        new SimpleJavaFileObject(
            URI.create("string:///test/Maker.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreErrors) {
            return source;
          }
        };
    String path = System.getProperty("java.class.path");
    // From JDK 23 on a processor that is only on the class path is not run.
    List<String> options =
        List.of("-d", classes.toString(), "--release", "17", "-cp", path, "-processorpath", path);
    if (!compiler.getTask(null, null, problems, options, null, List.of(file)).call()) {
      throw new AssertionError(problems.getDiagnostics().toString());
    }
  }

  /**
   * Counts; {@code add} gives the new count, {@code get} the present one, each with the version.
   */
  static Archive counterV1() {
    return of(
        """
        @KitService(name = "counter", version = "1", state = Maker.Totals.class)
        public final class Maker implements ServiceMaker {
          public record Totals(long count) {}
          public record Add(long by) {}
          public record Get(boolean total) {}
          public record Count(long count, int version) {}
          @Override public ServiceDescriptor make(PeerContext peer) {
            return ServiceDescriptor.stateful(Totals.class)
                .initialState(() -> new Totals(0))
                .on(Add.class, (add, totals, context) -> {
                  Totals next = new Totals(totals.count() + add.by());
                  context.reply(new Count(next.count(), 1));
                  return next;
                })
                .on(Get.class, (get, totals, context) -> {
                  context.reply(new Count(totals.count(), 1));
                  return totals;
                })
                .build();
          }
        }
        """);
  }

  /** As v1, and the state has one more component; the count is carried over by the upgrade. */
  static Archive counterV2() {
    return of(
        """
        @KitService(name = "counter", version = "2", state = Maker.Totals.class, schema = 2)
        public final class Maker implements ServiceMaker {
          public record Totals(long count, String note) {}
          public record Add(long by) {}
          public record Get(boolean total) {}
          public record Count(long count, int version, String note) {}
          @Override public ServiceDescriptor make(PeerContext peer) {
            return ServiceDescriptor.stateful(Totals.class)
                .initialState(() -> new Totals(0, "fresh"))
                .upgradeFrom(1, old -> new Totals(old.getLong("count"), "from 1"))
                .on(Add.class, (add, totals, context) -> {
                  Totals next = new Totals(totals.count() + add.by(), totals.note());
                  context.reply(new Count(next.count(), 2, next.note()));
                  return next;
                })
                .on(Get.class, (get, totals, context) -> {
                  context.reply(new Count(totals.count(), 2, totals.note()));
                  return totals;
                })
                .build();
          }
        }
        """);
  }

  /** A counter whose upgrade from schema 1 throws. */
  static Archive counterThatCannotMigrate() {
    return of(
        """
        @KitService(name = "counter", version = "2", state = Maker.Totals.class, schema = 2)
        public final class Maker implements ServiceMaker {
          public record Totals(long count) {}
          public record Get(boolean total) {}
          @Override public ServiceDescriptor make(PeerContext peer) {
            return ServiceDescriptor.stateful(Totals.class)
                .initialState(() -> new Totals(0))
                .upgradeFrom(1, old -> { throw new IllegalStateException("no way from 1"); })
                .on(Get.class, (get, totals, context) -> { context.reply(totals.count()); return totals; })
                .build();
          }
        }
        """);
  }

  /** Stateless; answers {@code text} and the peer it runs on. */
  static Archive echo(String version, String text) {
    return of(
        """
        @KitService(name = "echo", version = "%s")
        public final class Maker implements ServiceMaker {
          @Override public ServiceDescriptor make(PeerContext peer) {
            return ServiceDescriptor.stateless()
                .onAny((body, context) -> context.reply(List.of("%s", peer.peerId().toString())))
                .build();
          }
        }
        """
            .formatted(version, text));
  }
}
