// What a check says of archives before they are installed.
package dev.p2pkit.peer.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
    ArchiveCheck.Findings found = check(Counters.second("", ""), Counters.second("", ""));
    assertThat(found.warnings()).singleElement().asString().contains("raise version");
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
    assertThat(check(old, next).messageChanges())
        .containsEntry("String", "is refused")
        .containsEntry("Add.by", "long becomes int")
        .containsEntry("Add.id", "is skipped");
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
