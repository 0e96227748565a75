// What the figures of the upgrade bench show to have gone wrong.
package dev.p2pkit.peer.cli.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.p2pkit.sdk.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Judges a run of the upgrade bench by its settings. */
public final class UpgradeComplaints {
  private UpgradeComplaints() {}

  /** A sentence for each thing that is not as it must be; none for a good run. */
  public static List<String> of(UpgradeSettings settings, JsonNode result) {
    List<String> all = new ArrayList<>();
    for (String none : List.of("lost", "doubled")) {
      if (result.path(none).asLong(-1) != 0) {
        all.add(result.path(none).asText() + " calls are " + none);
      }
    }
    String last = String.valueOf(settings.upgrades() + 1);
    if (!result.path("finalVersion").asText().equals(last)) {
      all.add("the peers end on version " + result.path("finalVersion").asText() + ", not " + last);
    }
    int good = settings.upgrades() - settings.bad();
    if (result.path("upgrades").asLong() != good) {
      all.add(result.path("upgrades").asLong() + " of " + good + " good upgrades came through");
    }
    long crashing =
        IntStream.rangeClosed(1, settings.upgrades())
            .filter(upgrade -> settings.faultOf(upgrade) == TallyArchive.Fault.CRASH)
            .count();
    long back = crashing * settings.peers();
    if (result.path("reverted").asLong() != back) {
      all.add(result.path("reverted").asLong() + " times a peer went back, not " + back);
    }
    boolean seen = result.path("failedByCode").path(ErrorCode.SERVICE_CRASHED.name()).asLong() > 0;
    if (seen != (crashing > 0)) {
      all.add(
          seen
              ? "calls ended as SERVICE_CRASHED, and no version crashes"
              : "no caller of the version that crashes was told SERVICE_CRASHED");
    }
    return all;
  }
}
