// What a check says of archives before they are installed.
package dev.p2pkit.peer.service;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.p2pkit.sdk.KitException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArchiveCheckTest {
  @TempDir Path directory;

  private Path file(String name, ServiceJar jar) {
    try {
      return Files.write(directory.resolve(name), jar.build().content());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private ArchiveCheck.Findings check(ServiceJar jar) {
    return ArchiveCheck.check(Optional.empty(), file("new.jar", jar), directory);
  }

  private ArchiveCheck.Findings check(ServiceJar old, ServiceJar next) {
    return ArchiveCheck.check(Optional.of(file("old.jar", old)), file("new.jar", next), directory);
  }

  @Test
  void oneArchiveIsLoadedAndMeasured() {
    ArchiveCheck.Findings found = check(Counters.first(""));
    assertThat(found.good()).isTrue();
    assertThat(found.version()).isEqualTo("1");
    assertThat(found.bytes()).isPositive();
    assertThat(found.stateBytes()).isPositive();
    assertThat(found.warnings()).isEmpty();
  }

  @Test
  void whatAPeerWouldRefuseIsAProblem() {
    assertThat(check(Counters.first("").leaveOut("Maker")).problems())
        .singleElement()
        .asString()
        .contains("not in the archive");
  }

  @Test
  void anUpgradeSaysHowTheStateComesOverAndBackAndWhatChanges() {
    ArchiveCheck.Findings found =
        check(
            Counters.first(""),
            Counters.second(
                ".upgradeFrom(1, old -> new Totals(old.getLong(\"count\"), Instant.EPOCH))", ""));
    assertThat(found.good()).isTrue();
    assertThat(found.state()).contains("declared for schema 1");
    assertThat(found.back()).contains("downgradeState(1, ...)").startsWith("none");
    assertThat(found.stateChanges()).containsOnlyKeys("since");
    assertThat(found.messageChanges()).containsEntry("Long", "is new");
  }

  @Test
  void anUpgradeWhoseStepFailsIsAProblem() {
    ArchiveCheck.Findings found =
        check(
            Counters.first(""),
            Counters.second(
                ".upgradeFrom(1, old -> new Totals(old.getLong(\"x\"), Instant.EPOCH))", ""));
    assertThat(found.good()).isFalse();
    assertThat(found.problems()).singleElement().asString().contains("'x'");
  }

  @Test
  void messagesThatVanishAndVersionsThatStayAreSaid() {
    ArchiveCheck.Findings same = check(Counters.second("", ""), Counters.second("", ""));
    assertThat(same.warnings()).singleElement().asString().contains("raise version");
    ServiceJar old =
        new ServiceJar()
            .source("Add", "public record Add(long by, String id) {}")
            .maker(
                "return ServiceDescriptor.stateless().on(Add.class, (m, c) -> {})"
                    + ".on(String.class, (m, c) -> {}).build();")
            .stateless("1", "");
    ServiceJar next =
        new ServiceJar()
            .source("Add", "public record Add(int by) {}")
            .maker("return ServiceDescriptor.stateless().on(Add.class, (m, c) -> {}).build();")
            .stateless("2", "");
    ArchiveCheck.Findings found = check(old, next);
    assertThat(found.messageChanges())
        .containsEntry("String", "is refused")
        .containsEntry("Add.by", "long becomes int")
        .containsEntry("Add.id", "is skipped");
    assertThat(found.incompatible()).containsExactly("Add.by", "String");
    assertThat(check(next, old).incompatible()).isEmpty();
  }

  @Test
  void repliesThatTheArchivesNameAreReadByOldCallers() {
    String maker =
        "return ServiceDescriptor.stateless().on(Add.class, (m, c) -> c.reply(0)).build();";
    ServiceJar old =
        new ServiceJar()
            .source("Add", "public record Add(long by) {}")
            .source("Total", "public record Total(long count, Kind kind, String note) {}")
            .source("Kind", "public enum Kind { SMALL, LARGE }")
            .entry(MessageChanges.ENTRY, named("svc.Add", "svc.Total"))
            .maker(maker)
            .stateless("1", "");
    ServiceJar next =
        new ServiceJar()
            .source("Add", "public record Add(long by) {}")
            .source("Total", "public record Total(double count, Kind kind, boolean late) {}")
            .source("Kind", "public enum Kind { LARGE, HUGE }")
            .entry(MessageChanges.ENTRY, named("svc.Total", "svc.Gone"))
            .maker(maker)
            .stateless("2", "");
    ArchiveCheck.Findings found = check(old, next);
    assertThat(found.good()).isTrue();
    assertThat(found.messageChanges())
        .containsOnlyKeys(
            "Total.count", "Total.kind=SMALL", "Total.kind=HUGE", "Total.note", "Total.late");
    // Old callers get a number that is none of theirs, and a constant that they do not know.
    assertThat(found.incompatible()).containsExactlyInAnyOrder("Total.count", "Total.kind=HUGE");
    assertThat(found.warnings())
        .anyMatch(warning -> warning.contains("svc.Gone, which does not load"))
        .anyMatch(warning -> warning.contains("Add is handled, but not among the messages"));
  }

  @Test
  void aListOfMessagesThatIsNoneIsRefused() {
    ServiceJar jar = Counters.first("").entry(MessageChanges.ENTRY, "{}".getBytes(UTF_8));
    assertThatThrownBy(() -> check(Counters.first(""), jar))
        .isInstanceOf(KitException.class)
        .hasMessageContaining("without a list of at most 1000 types");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "int | long | true",
        "long | int | false",
        "int | Long | true",
        "Integer | int | false",
        "Integer | Long | true",
        "int | double | true",
        "long | double | false",
        "float | double | true",
        "double | float | false",
        "boolean | int | false",
        "String | Optional<String> | true",
        "long | Optional<Long> | true",
        "String | Instant | false",
        "List<Long> | List<Integer> | false"
      })
  void aTypeFitsAnotherIfEachOfItsValuesDoes(String value, String as, boolean fits) {
    assertThat(MessageChanges.fits(value, as)).isEqualTo(fits);
  }

  private static byte[] named(String... types) {
    return ("{\"format\":1,\"types\":[\"" + String.join("\",\"", types) + "\"],\"classes\":{}}")
        .getBytes(UTF_8);
  }

  @Test
  void staticsThatKeepClassesAreWarnedOf() {
    assertThat(
            check(
                    Counters.first("")
                        .source("Cache", "class Cache { static ThreadLocal<String> last; }"))
                .warnings())
        .singleElement()
        .asString()
        .contains("svc.Cache.last is a static ThreadLocal");
  }
}
