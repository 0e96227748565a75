// Services of several class loaders: each sees its own classes, and none is kept alive.
package dev.p2pkit.sdk.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.Payload;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassLoaderTest {
  @TempDir private Path directory;

  @BeforeEach
  void compileTwoVersions() throws IOException {
    compile(
        "v1",
        "public record Totals(int count, Removed removed, java.util.List<Item> items) {}",
        "record Removed(String text) {}",
        "record Item(int value) {}");
    compile(
        "v2",
        "public record Totals(java.time.Instant since, long count, java.util.List<Piece> items) {}",
        "record Piece(int value, String note) {}");
  }

  private void compile(String version, String... types) throws IOException {
    Path source = directory.resolve(version + "/Totals.java");
    Files.createDirectories(source.getParent());
    Files.writeString(source, "package counter;\n" + String.join("\n", types));
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-proc:none",
                "-d",
                source.getParent().toString(),
                source.toString());
    assertThat(result).isZero();
  }

  private URLClassLoader loader(String version) throws IOException {
    return new URLClassLoader(
        new URL[] {directory.resolve(version).toUri().toURL()}, getClass().getClassLoader());
  }

  private static Object totals(ClassLoader loader, int count) throws ReflectiveOperationException {
    PayloadCodec codec = PayloadCodec.forLoader(loader);
    Class<?> type = loader.loadClass("counter.Totals");
    Map<String, Object> parts =
        Map.of(
            "count",
            count,
            "removed",
            Map.of("text", "x"),
            "items",
            List.of(Map.of("value", 1), Map.of("value", 2)));
    byte[] content = PayloadCodec.encodeTree(parts);
    byte[] body = new byte[content.length + 1];
    body[0] = 1;
    System.arraycopy(content, 0, body, 1, content.length);
    return codec.decode(body, type);
  }

  @Test
  void aStateMovesToTheNextVersionByName() throws Exception {
    try (URLClassLoader first = loader("v1");
        URLClassLoader second = loader("v2")) {
      byte[] state = PayloadCodec.forLoader(first).encodeState(totals(first, 41));
      Class<?> next = second.loadClass("counter.Totals");

      Object moved = PayloadCodec.forLoader(second).decodeState(state, next);

      assertThat(moved.getClass()).isSameAs(next);
      assertThat(moved)
          .hasToString(
              "Totals[since=null, count=41, items=[Piece[value=1, note=null], Piece[value=2,"
                  + " note=null]]]");
      Object view = PayloadCodec.forLoader(second).decodeTreeView(state);
      assertThat(view)
          .isEqualTo(
              Map.of(
                  "count",
                  41L,
                  "removed",
                  Map.of("text", "x"),
                  "items",
                  List.of(Map.of("value", 1L), Map.of("value", 2L))));
    }
  }

  @Test
  void aMessageIsReadWithTheReceiversOwnClass() throws Exception {
    try (URLClassLoader first = loader("v1");
        URLClassLoader second = loader("v1")) {
      byte[] body = Payload.of(totals(first, 1)).toWire();
      Class<?> receivers = second.loadClass("counter.Totals");

      assertThat(PayloadCodec.forLoader(second).decode(body, Object.class).getClass())
          .isSameAs(receivers);
      assertThat(PayloadCodec.forLoader(second).match(body, List.of(receivers)))
          .hasValueSatisfying(match -> assertThat(match.type()).isSameAs(receivers));
    }
  }

  @Test
  void theHostsClassesAreNotReachedThroughAService() throws Exception {
    try (URLClassLoader service = loader("v1")) {
      byte[] body = Payload.of(new Hosts("secret")).toWire();
      assertThatThrownBy(() -> PayloadCodec.forLoader(service).decode(body, Object.class))
          .isInstanceOf(CodecException.class)
          .hasMessageContaining("must not name");
    }
  }

  record Hosts(String value) {}

  @Test
  void aLoaderIsCollectedAfterUse() throws Exception {
    WeakReference<ClassLoader> used = use();

    // A failed assertion would hold the loader, hence a condition.
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> {
              System.gc();
              return used.get() == null;
            });
  }

  private WeakReference<ClassLoader> use() throws Exception {
    try (URLClassLoader loader = loader("v1")) {
      PayloadCodec codec = PayloadCodec.forLoader(loader);
      Object value = totals(loader, 3);
      Class<?> type = value.getClass();
      // Encoded values are compared: the JDK's own equals of a record, once called, keeps the
      // record's loader in caches of method handles, and an assertion library its classes.
      byte[] state = codec.encodeState(value);
      boolean same = true;
      for (int i = 0; i < 200; i++) {
        byte[] body = Payload.of(List.of(value)).toWire();
        same &= Arrays.equals(Payload.of(codec.decode(body, List.class)).toWire(), body);
        same &= Arrays.equals(codec.encodeState(codec.decodeState(state, type)), state);
        Object read = PayloadCodec.of(type).decode(Payload.of(value).toWire(), type);
        same &= Key.hash(read).equals(Key.hash(value));
        same &= codec.match(Payload.of(value).toWire(), List.of(type)).isPresent();
      }
      assertThat(same).isTrue();
      return new WeakReference<>(loader);
    }
  }
}
