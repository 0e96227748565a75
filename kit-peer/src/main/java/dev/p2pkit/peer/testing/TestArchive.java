// Makes service archives in a test.
package dev.p2pkit.peer.testing;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.p2pkit.peer.cli.output.TemporaryDirectory;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.Durability;
import dev.p2pkit.sdk.ServiceMaker;
import dev.p2pkit.sdk.processor.KitServiceProcessor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/**
 * Archives from classes of the test ({@link #of}), from a directory of classes as a build leaves it
 * ({@link #ofDirectory}), or from sources ({@link #compiled}), which lets two versions have classes
 * of the same names. {@link Archive#of(Path)} takes a jar that has been built. Equal content makes
 * equal archives. Not thread-safe.
 */
public final class TestArchive {
  private static final String DESCRIPTOR = "META-INF/kit/service.json";

  private final SortedMap<String, byte[]> entries = new TreeMap<>();
  private final ObjectNode descriptor = JsonNodeFactory.instance.objectNode();
  private Optional<ObjectNode> state = Optional.empty();

  private TestArchive() {}

  /**
   * Begins an archive with a maker of the test and all classes nested in it. The maker need not
   * have {@code @KitService}, of which a compilation may have one only; what that would say is said
   * here. Its package must not be below {@code dev.p2pkit}, which peers refuse.
   *
   * @param maker public, with a public constructor without arguments
   */
  public static TestArchive of(String name, String version, Class<? extends ServiceMaker> maker) {
    TestArchive archive = new TestArchive();
    archive
        .descriptor
        .put("format", 1)
        .put("name", name)
        .put("version", version)
        .put("maker", maker.getName());
    return archive.with(maker);
  }

  /** The type of the state, which is packed, too, and the number of its schema, from 1 on. */
  public TestArchive state(Class<?> type, int schema) {
    ObjectNode described = descriptor.putObject("state");
    described.put("type", type.getName()).put("schema", schema);
    state = Optional.of(described);
    return with(type);
  }

  /**
   * What of the state outlives its peer's process.
   *
   * @throws IllegalStateException without a {@link #state}
   */
  public TestArchive durability(Durability kept) {
    state
        .orElseThrow(() -> new IllegalStateException("durability needs a state; name it first"))
        .put("durability", kept.name());
    return this;
  }

  /** Packs these classes, too, and all that are nested in them. */
  public TestArchive with(Class<?>... classes) {
    for (Class<?> type : classes) {
      pack(type);
    }
    return this;
  }

  private void pack(Class<?> type) {
    String path = type.getName().replace('.', '/') + ".class";
    ClassLoader loader = type.getClassLoader();
    if (loader == null) {
      return;
    }
    try (InputStream code = loader.getResourceAsStream(path)) {
      if (code == null) {
        throw new IllegalArgumentException(
            type.getName() + " has no class file; pack classes that are compiled before the test");
      }
      if (entries.putIfAbsent(path, code.readAllBytes()) == null) {
        for (Class<?> nested : type.getDeclaredClasses()) {
          pack(nested);
        }
        packAnonymous(type);
        packAround(type);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + path, e);
    }
  }

  /** A nested class asks for the one around it when somebody asks for its name. */
  private void packAround(Class<?> type) throws IOException {
    Class<?> around = type.getEnclosingClass();
    if (around != null) {
      String path = around.getName().replace('.', '/') + ".class";
      try (InputStream code = around.getClassLoader().getResourceAsStream(path)) {
        if (code != null) {
          entries.putIfAbsent(path, code.readAllBytes());
        }
      }
      packAround(around);
    }
  }

  /** Anonymous classes are numbered from 1 on; nothing lists them. */
  private void packAnonymous(Class<?> type) throws IOException {
    for (int number = 1; ; number++) {
      String path = type.getName().replace('.', '/') + "$" + number + ".class";
      try (InputStream code = type.getClassLoader().getResourceAsStream(path)) {
        if (code == null) {
          return;
        }
        entries.put(path, code.readAllBytes());
      }
    }
  }

  /** The archive. */
  public Archive build() {
    SortedMap<String, byte[]> all = new TreeMap<>(entries);
    all.put(DESCRIPTOR, descriptor.toString().getBytes(StandardCharsets.UTF_8));
    return packed(all);
  }

  /** Packs a directory of classes and the descriptor that the annotation processor has written. */
  public static Archive ofDirectory(Path classes) {
    if (!Files.isRegularFile(classes.resolve(DESCRIPTOR))) {
      throw new IllegalArgumentException(
          classes
              + " has no "
              + DESCRIPTOR
              + "; compile a maker with @KitService into it, with services-sdk as an annotation"
              + " processor");
    }
    SortedMap<String, byte[]> all = new TreeMap<>();
    try (Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        all.put(classes.relativize(file).toString().replace('\\', '/'), Files.readAllBytes(file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + classes, e);
    }
    return packed(all);
  }

  /**
   * Compiles sources with the annotation processor and packs what comes out. Needs a JDK; the
   * sources see the class path of the test.
   *
   * @param sources their text by the full name of the top-level class in each; one of them has
   *     {@code @KitService}
   * @throws AssertionError with the compiler's messages if they do not compile
   */
  public static Archive compiled(Map<String, String> sources) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    if (compiler == null) {
      throw new IllegalStateException("this Java has no compiler; run the test with a JDK");
    }
    List<JavaFileObject> units = new ArrayList<>();
    sources.forEach((name, text) -> units.add(new Source(name, text)));
    DiagnosticCollector<JavaFileObject> messages = new DiagnosticCollector<>();
    try {
      TemporaryDirectory place = TemporaryDirectory.make("p2pkit-archive");
      try {
        JavaCompiler.CompilationTask task =
            compiler.getTask(
                null,
                null,
                messages,
                List.of("-d", place.path().toString(), "-cp", classPath()),
                null,
                units);
        task.setProcessors(List.of(new KitServiceProcessor()));
        if (!task.call()) {
          throw new AssertionError("the sources do not compile: " + messages.getDiagnostics());
        }
        return ofDirectory(place.path());
      } finally {
        place.remove();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("no temporary directory: " + e.getMessage(), e);
    }
  }

  /** As {@link #compiled(Map)}, from the {@code .java} files below a directory. */
  public static Archive compiled(Path sources) {
    Map<String, String> texts = new TreeMap<>();
    try (Stream<Path> files = Files.walk(sources)) {
      for (Path file : files.filter(file -> file.toString().endsWith(".java")).toList()) {
        String path = sources.relativize(file).toString().replace('\\', '/');
        texts.put(
            path.substring(0, path.length() - ".java".length()).replace('/', '.'),
            Files.readString(file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + sources, e);
    }
    if (texts.isEmpty()) {
      throw new IllegalArgumentException(sources + " has no .java file");
    }
    return compiled(texts);
  }

  /** What the test sees, and the SDK, wherever a build tool has put it. */
  private static String classPath() {
    String path = System.getProperty("java.class.path");
    try {
      Path sdk =
          Path.of(ServiceMaker.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      return path + System.getProperty("path.separator") + sdk;
    } catch (URISyntaxException e) {
      throw new IllegalStateException("the SDK was loaded from a place without a path", e);
    }
  }

  private static Archive packed(SortedMap<String, byte[]> content) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JarOutputStream jar = new JarOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> entry : content.entrySet()) {
        JarEntry zipped = new JarEntry(entry.getKey());
        zipped.setTime(0);
        jar.putNextEntry(zipped);
        jar.write(entry.getValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Archive.of(bytes.toByteArray());
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String name, String text) {
      super(URI.create("string:///" + name.replace('.', '/') + ".java"), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }
}
