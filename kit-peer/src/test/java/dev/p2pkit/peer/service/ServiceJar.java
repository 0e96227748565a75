// Builds real service archives in a test: compiles sources and packs them with a descriptor.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.Network;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/** An archive under construction. */
final class ServiceJar {
  private static final String IMPORTS =
      """
      package svc;
      import dev.p2pkit.sdk.*;
      import java.time.*;
      import java.util.*;
      import java.util.concurrent.*;
      import java.util.concurrent.atomic.*;
      """;
  private static final String MAKER =
      """
      public final class Maker implements ServiceMaker {
        public ServiceDescriptor make(PeerContext peer) throws Exception {
          BODY
        }
      }
      """;

  private final Map<String, String> sources = new LinkedHashMap<>();
  private final Map<String, byte[]> entries = new LinkedHashMap<>();
  private final List<String> left = new ArrayList<>();

  /** A class; the name of its package is {@code svc}. */
  ServiceJar source(String name, String body) {
    sources.put("svc." + name, IMPORTS + body);
    return this;
  }

  /** A maker with this body of {@code make}. */
  ServiceJar maker(String body) {
    return source("Maker", MAKER.replace("BODY", body));
  }

  ServiceJar entry(String path, byte[] content) {
    entries.put(path, content);
    return this;
  }

  ServiceJar descriptor(String json) {
    return entry("META-INF/kit/service.json", json.getBytes(StandardCharsets.UTF_8));
  }

  /** A usual descriptor; more fields can be given, each with a comma in front. */
  ServiceJar stateful(String version, String type, int schema, String more) {
    return descriptor(
        "{\"format\":1,\"name\":\"svc\",\"version\":\""
            + version
            + "\",\"maker\":\"svc.Maker\","
            + "\"state\":{\"type\":\""
            + type
            + "\",\"schema\":"
            + schema
            + "}"
            + more
            + "}");
  }

  /** A descriptor of a service whose state is kept; more can be said of the state. */
  ServiceJar durable(String version, String type, int schema, String durability, String more) {
    return descriptor(
        "{\"format\":1,\"name\":\"svc\",\"version\":\""
            + version
            + "\",\"maker\":\"svc.Maker\",\"state\":{\"type\":\""
            + type
            + "\",\"schema\":"
            + schema
            + ",\"durability\":\""
            + durability
            + "\""
            + more
            + "}}");
  }

  ServiceJar stateless(String version, String more) {
    return descriptor(
        "{\"format\":1,\"name\":\"svc\",\"version\":\""
            + version
            + "\",\"maker\":\"svc.Maker\""
            + more
            + "}");
  }

  /** Compiles a class but leaves it out of the archive. */
  ServiceJar leaveOut(String name) {
    left.add("svc/" + name + ".class");
    return this;
  }

  Archive build() {
    Map<String, byte[]> all = new LinkedHashMap<>(entries);
    if (!sources.isEmpty()) {
      all.putAll(compile(sources));
    }
    left.forEach(all::remove);
    return Archive.of(pack(all));
  }

  /** Writes the archive below a directory, under its hash. */
  static Release release(ServiceKey key, long epoch, Archive archive, Path directory) {
    try {
      Path file = directory.resolve(archive.hash() + ".jar");
      Files.write(file, archive.content());
      return new Release(key, epoch, archive.hash(), file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] pack(Map<String, byte[]> entries) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JarOutputStream jar = new JarOutputStream(bytes)) {
      jar.setLevel(java.util.zip.Deflater.BEST_SPEED);
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        ZipEntry zipped = new ZipEntry(entry.getKey());
        // The same content is the same archive, whenever it was packed.
        zipped.setTime(0);
        jar.putNextEntry(zipped);
        jar.write(entry.getValue());
        jar.closeEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static Map<String, byte[]> compile(Map<String, String> sources) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    Map<String, ByteArrayOutputStream> classes = new LinkedHashMap<>();
    List<JavaFileObject> units = new ArrayList<>();
    sources.forEach((name, text) -> units.add(new Source(name, text)));
    StringWriter messages = new StringWriter();
    try (JavaFileManager files =
        new ForwardingJavaFileManager<JavaFileManager>(
            compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
          @Override
          public JavaFileObject getJavaFileForOutput(
              Location location,
              String name,
              JavaFileObject.Kind kind,
              @Nullable FileObject sibling) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            classes.put(name.replace('.', '/') + ".class", out);
            return new Compiled(name, out);
          }
        }) {
      boolean compiled =
          compiler
              .getTask(
                  messages,
                  files,
                  null,
                  List.of("-proc:none", "--release", "17", "-classpath", classPath()),
                  null,
                  units)
              .call();
      if (!compiled) {
        throw new AssertionError(messages.toString());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Map<String, byte[]> result = new LinkedHashMap<>();
    classes.forEach((path, out) -> result.put(path, out.toByteArray()));
    return result;
  }

  private static String classPath() {
    return String.join(
        System.getProperty("path.separator"), where(Network.class), where(Logger.class));
  }

  private static String where(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
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

  private static final class Compiled extends SimpleJavaFileObject {
    private final OutputStream out;

    Compiled(String name, OutputStream out) {
      super(URI.create("bytes:///" + name.replace('.', '/') + ".class"), Kind.CLASS);
      this.out = out;
    }

    @Override
    public OutputStream openOutputStream() {
      return out;
    }
  }
}
