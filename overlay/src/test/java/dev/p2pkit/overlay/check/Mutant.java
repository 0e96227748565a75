// The protocol with one rule switched off, in a class loader of its own.
package dev.p2pkit.overlay.check;

import com.google.common.base.Splitter;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.PeerId;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/**
 * Compiles the sources of a package of the overlay with a piece of text replaced, and runs a search
 * over the result. Production code needs no switches that way.
 */
final class Mutant extends ClassLoader {
  private static final String OVERLAY = "dev.p2pkit.overlay.";
  private static final Path SOURCES =
      Stream.of("src/main/java", "overlay/src/main/java")
          .map(root -> Path.of(root, OVERLAY.replace('.', '/')))
          .filter(Files::isDirectory)
          .findFirst()
          .orElseThrow();

  private final Map<String, byte[]> compiled;

  private Mutant(Map<String, byte[]> compiled) {
    super(Mutant.class.getClassLoader());
    this.compiled = compiled;
  }

  /**
   * What the search finds when a rule is missing.
   *
   * @param plan which search of {@link MutationPlans} to run
   * @param part the package of the overlay to which the rule belongs
   * @param changes what makes up the rule
   */
  static Optional<String> search(String plan, String part, Change... changes) {
    try {
      Mutant mutant = new Mutant(compile(part, List.of(changes)));
      Class<?> plans = mutant.loadClass(MutationPlans.class.getName());
      Object failure = plans.getDeclaredMethod("run", String.class).invoke(null, plan);
      return Optional.of((String) failure).filter(text -> !text.isEmpty());
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("the mutant does not run", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    synchronized (getClassLoadingLock(name)) {
      Class<?> known = findLoadedClass(name);
      if (known != null) {
        return known;
      }
      if (!name.startsWith(OVERLAY)) {
        return super.loadClass(name, resolve);
      }
      byte[] mutated = compiled.get(name);
      byte[] bytes = mutated == null ? bytesOf(name) : mutated;
      return defineClass(name, bytes, 0, bytes.length);
    }
  }

  private byte[] bytesOf(String name) throws ClassNotFoundException {
    try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
      if (in == null) {
        throw new ClassNotFoundException(name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new ClassNotFoundException(name, e);
    }
  }

  /**
   * A piece of text that is replaced.
   *
   * @param file of the rule
   * @param rule its text, which must occur exactly once
   * @param instead what stands there then
   */
  record Change(String file, String rule, String instead) {
    private String in(String text) {
      int at = text.indexOf(rule);
      if (at < 0 || text.indexOf(rule, at + 1) >= 0) {
        throw new AssertionError("the rule is not there, or twice, in " + file + ": " + rule);
      }
      return text.substring(0, at) + instead + text.substring(at + rule.length());
    }
  }

  private static Map<String, byte[]> compile(String part, List<Change> changes) throws IOException {
    List<JavaFileObject> sources = new ArrayList<>();
    int replaced = 0;
    try (Stream<Path> files = Files.list(SOURCES.resolve(part))) {
      for (Path path : files.sorted().toList()) {
        String text = Files.readString(path);
        String name = path.getFileName().toString();
        for (Change change : changes) {
          if (name.equals(change.file())) {
            text = change.in(text);
            replaced++;
          }
        }
        if (!name.equals("package-info.java")) {
          sources.add(new Source(part + "/" + name, text));
        }
      }
    }
    if (replaced != changes.size()) {
      throw new AssertionError("not all files of these are there: " + changes);
    }
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    Map<String, ByteArrayOutputStream> written = new HashMap<>();
    StringWriter messages = new StringWriter();
    try (Memory memory = new Memory(compiler.getStandardFileManager(null, null, null), written)) {
      List<String> options = List.of("-proc:none", "-nowarn", "-classpath", classPath());
      if (!compiler.getTask(messages, memory, null, options, null, sources).call()) {
        throw new AssertionError("the mutant does not compile: " + messages);
      }
    }
    Map<String, byte[]> classes = new HashMap<>();
    written.forEach((name, bytes) -> classes.put(name, bytes.toByteArray()));
    return classes;
  }

  /** What the overlay is compiled against, and the rest of it. */
  private static String classPath() {
    return Stream.of(PeerRef.class, PeerId.class, Nullable.class, Splitter.class)
        .map(type -> type.getProtectionDomain().getCodeSource().getLocation())
        .map(location -> Path.of(URI.create(location.toString())).toString())
        .distinct()
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** A source in memory. */
  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String file, String text) {
      super(URI.create("string:///" + OVERLAY.replace('.', '/') + file), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreErrors) {
      return text;
    }
  }

  /** Keeps what is compiled in memory. */
  private static final class Memory extends ForwardingJavaFileManager<JavaFileManager> {
    private final Map<String, ByteArrayOutputStream> written;

    Memory(JavaFileManager files, Map<String, ByteArrayOutputStream> written) {
      super(files);
      this.written = written;
    }

    @Override
    public JavaFileObject getJavaFileForOutput(
        Location location,
        String className,
        JavaFileObject.Kind kind,
        javax.tools.FileObject sibling) {
      return new SimpleJavaFileObject(URI.create("memory:///" + className), kind) {
        @Override
        public OutputStream openOutputStream() {
          ByteArrayOutputStream out = new ByteArrayOutputStream();
          written.put(className, out);
          return out;
        }
      };
    }
  }
}
