// The verdict on a run of the upgrade bench notices what it is there to notice.
package dev.p2pkit.peer.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.p2pkit.sdk.Durability;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UpgradeComplaintsTest {
  /** Four upgrades, of which one fails in its migration and one crashes, on ten peers. */
  private static final UpgradeSettings SETTINGS =
      new UpgradeSettings(10, 1, 100, 4, 2, Durability.JOURNAL);

  private static ObjectNode good() {
    ObjectNode result =
        new ObjectMapper()
            .createObjectNode()
            .put("lost", 0)
            .put("doubled", 0)
            .put("upgrades", 2)
            .put("reverted", 10)
            .put("finalVersion", "5");
    result.putObject("failedByCode").put("SERVICE_CRASHED", 50);
    return result;
  }

  @Test
  void aGoodRunGivesNoCauseForComplaint() {
    assertThat(UpgradeComplaints.of(SETTINGS, good())).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "lost,         1,       1 calls are lost",
    "doubled,      2,       2 calls are doubled",
    "upgrades,     1,       1 of 2 good upgrades",
    "reverted,     9,       '9 times a peer went back, not 10'",
    "finalVersion, 4 and 5, 'on version 4 and 5, not 5'"
  })
  void eachFigureIsHeldAgainstWhatItMustBe(String figure, String value, String complaint) {
    ObjectNode result = good().put(figure, value);
    assertThat(UpgradeComplaints.of(SETTINGS, result))
        .singleElement()
        .asString()
        .contains(complaint);
  }

  @Test
  void aFigureThatIsMissingIsNotTakenForNone() {
    ObjectNode result = good();
    result.remove("lost");
    assertThat(UpgradeComplaints.of(SETTINGS, result)).hasSize(1);
  }

  @Test
  void callersOfTheVersionThatCrashesAreToldAndNobodyElseIs() {
    ObjectNode silent = good();
    silent.putObject("failedByCode").put("TIMEOUT", 3);
    assertThat(UpgradeComplaints.of(SETTINGS, silent))
        .containsExactly("no caller of the version that crashes was told SERVICE_CRASHED");
    UpgradeSettings harmless = new UpgradeSettings(10, 1, 100, 2, 0, Durability.NONE);
    assertThat(UpgradeComplaints.of(harmless, good().put("reverted", 0).put("finalVersion", "3")))
        .containsExactly("calls ended as SERVICE_CRASHED, and no version crashes");
  }
}
