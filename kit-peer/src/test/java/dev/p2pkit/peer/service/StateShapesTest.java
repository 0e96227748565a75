// Shapes of states, up and down a version while the old classes are gone; and what none may hold.
package dev.p2pkit.peer.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StateShapesTest {
  @TempDir Path directory;
  private Rig rig;

  @BeforeEach
  void start() {
    rig = new Rig(directory, RuntimeConfig.DEFAULT);
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  /**
   * A service whose state has one component {@code a}, and which says it when asked.
   *
   * @param root the name of the state's class; each version has another
   * @param type of the component
   * @param value of the component at first
   * @param more nested types
   * @param record whether it is a record, or a class with fields
   */
  private static ServiceJar holding(
      int schema, String root, String type, String value, String more, boolean record) {
    String factory =
        more + " static %s first() { return new %s(%s); }".formatted(root, root, value);
    String body =
        record
            ? "public record %s(%s a) { %s }".formatted(root, type, factory)
            : ("public final class %s { %s a; %s %s() {} %s(%s a) { this.a = a; }"
                    + " %s a() { return a; } }")
                .formatted(root, type, factory, root, root, type, type);
    return new ServiceJar()
        .source(root, body)
        .maker(
            "return ServiceDescriptor.stateful(%s.class).initialState(%s::first)"
                    .formatted(root, root)
                + ".on(String.class, (m, s, c) -> { Object a = s.a();"
                + " c.reply(a instanceof int[] all ? Arrays.toString(all) : String.valueOf(a));"
                + " return s; }).build();")
        .stateful(String.valueOf(schema), "svc." + root, 1, "");
  }

  private String say() {
    return rig.rpc("say").answer(String.class);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        // what | type before | value | types before | type after | types after | said
        "int to long | int | 7 | | long | | 7",
        "long to double | long | 7L | | double | | 7.0",
        "number to its wrapper | int | 7 | | Integer | | 7",
        "value to Optional | long | 7L | | Optional<Long> | | Optional[7]",
        "list to set | List<String> | List.of(~a~) | | Set<String> | | [a]",
        "sorted map to map | SortedMap<String, Long> | new TreeMap<>(Map.of(~k~, 1L)) | | Map<String, Long> | | {k=1}",
        "array to list | int[] | new int[] {1, 2} | | List<Integer> | | [1, 2]",
        "enum that has grown | E | E.B | enum E { A, B } | E | enum E { X, A, B } | B",
        "enum under another name | E | E.B | enum E { A, B } | F | enum F { B, A } | B",
        "nested record that has grown | N | new N(1) | record N(long x) {} | N | record N(long x, String y) {} | N[x=1, y=null]",
        "nested record renamed | N | new N(1) | record N(long x) {} | M | record M(long x) {} | M[x=1]",
        "sealed kinds renamed | S | new B(1) | sealed interface S {} record A(long x) implements S {} record B(long x) implements S {} | T | sealed interface T {} record A(long x) implements T {} record B(long x) implements T {} | B[x=1]",
        "generic record | P<String> | new P<>(~v~, 2) | record P<T>(T v, int n) {} | Q<String> | record Q<T>(T v, long n) {} | Q[v=v, n=2]",
        "map of records | Map<String, N> | Map.of(~k~, new N(1)) | record N(long x) {} | Map<String, M> | record M(int x) {} | {k=M[x=1]}",
        "optional record | Optional<N> | Optional.of(new N(1)) | record N(long x) {} | Optional<M> | record M(long x) {} | Optional[M[x=1]]",
        "nested lists | List<List<N>> | List.of(List.of(new N(1))) | record N(long x) {} | List<List<M>> | record M(long x) {} | [[M[x=1]]]",
        "moment | Instant | Instant.EPOCH | | Instant | | 1970-01-01T00:00:00Z",
      })
  void shapesGoUpAndDown(
      String what,
      String before,
      String value,
      @org.jspecify.annotations.Nullable String typesBefore,
      String after,
      @org.jspecify.annotations.Nullable String typesAfter,
      String said) {
    String initial = value.replace('~', '"');
    ServiceJar first = holding(1, "First", before, initial, text(typesBefore), true);
    // Never taken: the state is there already.
    ServiceJar second =
        holding(2, "Second", after, after.matches("[a-z]+") ? "0" : "null", text(typesAfter), true);
    rig.install(first);
    String then = say();
    rig.install(second);
    assertThat(say()).as(what).isEqualTo(said);
    rig.install(first);
    assertThat(say()).as(what + ", back").isEqualTo(then);
  }

  private static String text(@org.jspecify.annotations.Nullable String types) {
    return types == null ? "" : types;
  }

  @Test
  void classesWithFieldsBecomeRecordsAndBack() {
    ServiceJar first = holding(1, "First", "List<Long>", "List.of(5L)", "", false);
    rig.install(first);
    rig.install(holding(2, "Second", "List<Integer>", "null", "", true));
    assertThat(say()).isEqualTo("[5]");
    rig.install(first);
    assertThat(say()).isEqualTo("[5]");
  }

  @Test
  void whatDoesNotFitIsRefusedWithItsName() {
    rig.install(holding(1, "First", "long", "5_000_000_000L", "", true));
    KitException refusal = rig.refusal(holding(2, "Second", "int", "0", "", true).build());
    assertThat(refusal.code()).isEqualTo(ErrorCode.MIGRATION_FAILED);
    assertThat(refusal.detail()).contains("'a'").contains("5000000000");
    assertThat(say()).isEqualTo("5000000000");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Runnable",
        "java.util.function.Function<String, String>",
        "Thread",
        "java.util.stream.Stream<String>",
        "java.io.InputStream",
        "Map<String, CompletableFuture<Long>>",
        "java.util.concurrent.locks.Lock",
        "ExecutorService",
        "List<Optional<AtomicLong>>",
        "Class<?>",
        "org.slf4j.Logger",
        "Network",
        "Locker[]",
      })
  void whatNoStateCanHoldIsABadArchiveThatNamesTheField(String type) {
    KitException refusal =
        rig.refusal(
            holding(
                    1,
                    "First",
                    type,
                    "null",
                    "@FunctionalInterface interface Locker { void lock(); }",
                    true)
                .build());
    assertThat(refusal.code()).isEqualTo(ErrorCode.BAD_ARCHIVE);
    assertThat(refusal.detail()).contains("'a' of svc.First").contains("keep the values");
  }

  @Test
  void aTransientFieldOfAClassMayHoldAnything() {
    rig.install(
        holding(1, "First", "long", "3", "transient Thread t = new Thread(() -> {});", false));
    assertThat(say()).isEqualTo("3");
  }
}
