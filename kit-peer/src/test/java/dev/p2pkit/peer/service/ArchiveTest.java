// Archives that must be refused, each with a sentence that says what to do.
package dev.p2pkit.peer.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArchiveTest {
  private static final String MAKER =
      "return ServiceDescriptor.stateless().on(String.class, (m, c) -> c.reply(m)).build();";

  @TempDir static Path directory;
  private static Rig rig;

  @BeforeAll
  static void start() {
    rig = new Rig(directory, RuntimeConfig.DEFAULT);
  }

  @AfterEach
  void nothingRuns() {
    assertThat(rig.runtime.status()).isEmpty();
  }

  @AfterAll
  static void noLoaderStays() {
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              System.gc();
              assertThat(rig.runtime.statistics().loadersAlive()).isZero();
            });
    rig.close();
  }

  private void refused(ServiceJar jar, String sentence) {
    refused(jar.build(), ErrorCode.BAD_ARCHIVE, sentence);
  }

  private void refused(Archive archive, ErrorCode code, String sentence) {
    KitException refusal = rig.refusal(archive);
    assertThat(refusal.code()).isEqualTo(code);
    assertThat(refusal.detail()).contains(sentence);
  }

  @Test
  void aJarWithoutDescriptor() {
    refused(new ServiceJar().maker(MAKER), "annotate the maker with @KitService");
  }

  @Test
  void notAJarAtAll() {
    refused(
        Archive.of("this is no jar".getBytes(StandardCharsets.UTF_8)),
        ErrorCode.BAD_ARCHIVE,
        "is not a usable jar");
    refused(Archive.of(new byte[0]), ErrorCode.BAD_ARCHIVE, "is not a usable jar");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "not json                                                     | is not JSON",
        "{\"format\":1                                                | is not JSON",
        "[1]                                                          | is not a JSON object",
        "{}                                                           | does not say \"format\": 1",
        "{\"format\":1,\"name\":\"x\",\"version\":\"1\"}              | lacks the text 'maker'",
        "{\"format\":1,\"version\":\"1\",\"maker\":\"svc.Maker\"}     | lacks the text 'name'",
        "{\"format\":1,\"name\":7,\"version\":\"1\",\"maker\":\"m\"}  | lacks the text 'name'"
      })
  void aGarbledDescriptor(String json, String sentence) {
    refused(new ServiceJar().maker(MAKER).descriptor(json), sentence);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        ",\"execution\":{\"mode\":\"FAST\"}         | none of WORKER, ASYNC, VIRTUAL, EVENT_LOOP",
        ",\"execution\":{\"turnMillis\":0}          | not between 1 and 600000",
        ",\"execution\":{\"turnMillis\":1e99999999} | is not a whole number",
        ",\"mailbox\":{\"messages\":\"many\"}       | is not a whole number",
        ",\"mailbox\":[]                            | that is not an object",
        ",\"state\":{\"schema\":1}                  | lacks the text 'type'"
      })
  void aDescriptorWithValuesOutOfRange(String field, String sentence) {
    refused(new ServiceJar().maker(MAKER).stateless("1", field), sentence);
  }

  @Test
  void aDescriptorThatIsTooLongOrTooDeep() {
    refused(
        new ServiceJar().maker(MAKER).stateless("1", ",\"x\":\"" + "y".repeat(70_000) + "\""),
        "longer than");
    refused(
        new ServiceJar()
            .maker(MAKER)
            .stateless("1", ",\"x\":" + "[".repeat(5_000) + "]".repeat(5_000)),
        "is not JSON");
  }

  @Test
  void aNewerFormat() {
    refused(
        new ServiceJar()
            .maker(MAKER)
            .descriptor("{\"format\":2,\"name\":\"x\",\"version\":\"1\",\"maker\":\"svc.Maker\"}")
            .build(),
        ErrorCode.VERSION_SKEW,
        "upgrade P2PKit on this peer");
  }

  @Test
  void classesForANewerJava() {
    Map<String, byte[]> classes =
        ServiceJar.compile(Map.of("svc.Future", "package svc; class Future {}"));
    byte[] future = classes.get("svc/Future.class");
    future[7] = (byte) 200;
    refused(
        new ServiceJar().maker(MAKER).stateless("1", "").entry("svc/Future.class", future).build(),
        ErrorCode.VERSION_SKEW,
        "is compiled for Java 156");
  }

  @Test
  void aMakerThatIsMissing() {
    refused(
        new ServiceJar().maker(MAKER).stateless("1", "").leaveOut("Maker"),
        "the maker svc.Maker is not in the archive");
  }

  @Test
  void aClassThatDoesNotLoad() {
    refused(
        new ServiceJar()
            .source("Base", "public class Base {}")
            .source(
                "Maker",
                "public final class Maker extends Base implements ServiceMaker {"
                    + " public ServiceDescriptor make(PeerContext peer) {"
                    + MAKER
                    + "} }")
            .stateless("1", "")
            .leaveOut("Base"),
        "does not load");
    refused(
        new ServiceJar()
            .source("Part", "public class Part { public static String name() { return \"\"; } }")
            .maker("Part.name();" + MAKER)
            .stateless("1", "")
            .leaveOut("Part"),
        "svc/Part");
    refused(
        new ServiceJar().stateless("1", "").entry("svc/Maker.class", new byte[] {1, 2, 3}),
        "is not a class");
    refused(
        new ServiceJar()
            .stateless("1", "")
            .entry(
                "svc/Maker.class",
                new byte[] {(byte) 0xCA, (byte) 0xFE, (byte) 0xBA, (byte) 0xBE, 0, 0, 0, 61, 9, 9}),
        "does not load");
  }

  @Test
  void aMakerThatIsNoneOrCannotBeMade() {
    refused(
        new ServiceJar().source("Maker", "public class Maker {}").stateless("1", ""),
        "does not implement dev.p2pkit.sdk.ServiceMaker");
    refused(
        new ServiceJar()
            .source(
                "Maker",
                "public class Maker implements ServiceMaker { public Maker(int x) {}"
                    + " public ServiceDescriptor make(PeerContext peer) {"
                    + MAKER
                    + "} }")
            .stateless("1", ""),
        "public constructor without arguments");
  }

  @Test
  void aMakerThatThrowsReturnsNullOrNeverReturns() {
    refused(
        new ServiceJar()
            .maker("if (true) { throw new Exception(\"no database here\"); }" + MAKER)
            .stateless("1", ""),
        "no database here");
    refused(new ServiceJar().maker("return null;").stateless("1", ""), "returned null");
    Archive endless =
        new ServiceJar().maker("new CountDownLatch(1).await();" + MAKER).stateless("1", "").build();
    try (Rig impatient =
        new Rig(directory, RuntimeConfig.DEFAULT.makeLimit(Duration.ofMillis(300)))) {
      assertThat(impatient.refusal(endless).detail()).contains("did not finish in 300 ms");
    }
  }

  @Test
  void aServiceWithoutProcessorOrInitialState() {
    refused(
        new ServiceJar().maker("return ServiceDescriptor.stateless().build();").stateless("1", ""),
        "needs a processor");
    refused(
        new ServiceJar()
            .maker(
                "return ServiceDescriptor.stateful(String.class)"
                    + ".on(String.class, (m, s, c) -> s).build();")
            .stateful("1", "java.lang.String", 1, ""),
        "needs initialState");
  }

  @Test
  void aStateThatTheDescriptorDoesNotName() {
    refused(Counters.first("").stateless("1", ""), "give @KitService the same state");
  }

  @Test
  void aStateThatCannotBeEncoded() {
    refused(
        new ServiceJar()
            .source("Bad", "public record Bad(Thread thread) {}")
            .maker(
                "return ServiceDescriptor.stateful(Bad.class).initialState(() ->"
                    + " new Bad(Thread.currentThread())).on(String.class, (m, s, c) -> s).build();")
            .stateful("1", "svc.Bad", 1, ""),
        "cannot hold");
  }

  @Test
  void classesOfTheJdkOrOfP2pkitOrAModule() {
    byte[] some = ServiceJar.compile(Map.of("a.B", "package a; class B {}")).get("a/B.class");
    refused(
        new ServiceJar().maker(MAKER).stateless("1", "").entry("java/lang/Evil.class", some),
        "belongs to the JDK");
    refused(
        new ServiceJar().maker(MAKER).stateless("1", "").entry("dev/p2pkit/sdk/Key.class", some),
        "give services-sdk the scope 'provided'");
    refused(
        new ServiceJar().maker(MAKER).stateless("1", "").entry("module-info.class", some),
        "leave module-info.java out");
  }

  @Test
  void aZipBomb() {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    byte[] zeros = new byte[64 << 20];
    for (int i = 0; i < 5; i++) {
      entries.put("zeros" + i, zeros);
    }
    byte[] jar = ServiceJar.pack(entries);
    assertThat(jar.length).isLessThan(2 << 20);
    refused(Archive.of(jar), ErrorCode.BAD_ARCHIVE, "expands to more than");
    refused(
        new ServiceJar().maker(MAKER).stateless("1", "").entry("lib/bomb.jar", jar),
        "expands to more than");
  }

  @Test
  void aLibraryThatIsLongerThanItsEntriesTell() {
    byte[] small = ServiceJar.pack(Map.of("a", new byte[1]));
    byte[] bomb = Arrays.copyOf(small, 64 << 20);
    ServiceJar jar = new ServiceJar().maker(MAKER).stateless("1", "");
    for (int i = 0; i < 5; i++) {
      jar.entry("lib/bomb" + i + ".jar", bomb);
    }
    refused(jar, "expands to more than");
  }

  @Test
  void anEntryThatIsThereTwice() {
    byte[] jar =
        new ServiceJar()
            .maker(MAKER)
            .stateless("1", "")
            .entry("data/first", new byte[] {1})
            .entry("data/other", new byte[] {2})
            .build()
            .content();
    String twice = new String(jar, StandardCharsets.ISO_8859_1).replace("data/other", "data/first");
    refused(
        Archive.of(twice.getBytes(StandardCharsets.ISO_8859_1)),
        ErrorCode.BAD_ARCHIVE,
        "has data/first twice");
  }

  @Test
  void tooManyEntries() {
    ServiceJar jar = new ServiceJar().maker(MAKER).stateless("1", "");
    for (int i = 0; i < 20_000; i++) {
      jar.entry("e" + i, new byte[0]);
    }
    refused(jar, "has more than 20000 entries");
  }

  @Test
  void aFileOverTheSizeLimit() throws Exception {
    Path large = directory.resolve("large.jar");
    try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
      file.setLength(Archive.MAX_BYTES + 1L);
    }
    KitException refusal = Failures.of(rig.runtime.prepare(new Release(Rig.KEY, 1, "00", large)));
    assertThat(refusal.code()).isEqualTo(ErrorCode.BAD_ARCHIVE);
    assertThat(refusal.detail()).contains("at most " + Archive.MAX_BYTES);
  }

  @Test
  void aWrongHashOrAMissingFile() throws Exception {
    Release good = rig.release(Rig.KEY, new ServiceJar().maker(MAKER).stateless("1", "").build());
    byte[] content = Files.readAllBytes(good.archiveFile());
    content[content.length / 2] ^= 1;
    Files.write(good.archiveFile(), content);
    assertThat(Failures.of(rig.runtime.prepare(good)).detail()).contains("fetch it again");
    Files.delete(good.archiveFile());
    assertThat(Failures.of(rig.runtime.prepare(good)).code()).isEqualTo(ErrorCode.BAD_ARCHIVE);
  }

  @Test
  void aLibraryInsideOfTheArchiveIsLoaded() throws Exception {
    byte[] library =
        ServiceJar.pack(
            ServiceJar.compile(
                Map.of(
                    "svc.Part",
                    "package svc; public class Part { public static String name() { return"
                        + " \"part\"; } }")));
    Archive archive =
        new ServiceJar()
            .source("Part", "public class Part { public static String name() { return \"\"; } }")
            .maker(
                "String name = Part.name(); return ServiceDescriptor.stateless()"
                    + ".on(String.class, (m, c) -> c.reply(name)).build();")
            .leaveOut("Part")
            .stateless("1", "")
            .entry("lib/part.jar", library)
            .build();
    Prepared prepared =
        rig.runtime.prepare(rig.release(Rig.KEY, archive)).get(30, TimeUnit.SECONDS);
    rig.runtime.activate(prepared).get(30, TimeUnit.SECONDS);
    assertThat(rig.rpc("x").answer(String.class)).isEqualTo("part");
    rig.runtime.remove(Rig.KEY);
  }

  @Test
  void namesOfServicesBecomeNamesOfDirectoriesThatNeverMeet() {
    assertThat(ServicePlace.fileName("counter-1.x")).isEqualTo("counter-1.x");
    assertThat(ServicePlace.fileName("..")).isEqualTo("%2E.");
    assertThat(ServicePlace.fileName("../etc")).isEqualTo("%2E.%2Fetc");
    assertThat(ServicePlace.fileName("Counter")).isNotEqualToIgnoringCase("counter");
    assertThat(ServicePlace.fileName("x".repeat(300)))
        .hasSizeLessThan(256)
        .isNotEqualTo(ServicePlace.fileName("x".repeat(301)));
  }
}
