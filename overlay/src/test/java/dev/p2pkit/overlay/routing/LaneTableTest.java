// The order of calls within a lane.
package dev.p2pkit.overlay.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.sdk.Key;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LaneTableTest {
  @Test
  void eachCallKnowsTheOneBeforeItWhateverElseComesAndGoes() {
    SplittableRandom random = new SplittableRandom(5);
    LaneTable table = new LaneTable();
    Map<String, List<Call>> model = new LinkedHashMap<>();
    List<Call> all = new ArrayList<>();
    for (long id = 1; id <= 20_000; id++) {
      if (random.nextInt(5) < 3 || all.isEmpty()) {
        boolean byKey = random.nextBoolean();
        Key target = Key.of(random.nextInt(60));
        String accessPoint = "ap" + random.nextInt(3);
        Draft draft =
            byKey
                ? Draft.toKey(target, accessPoint, 0, new byte[0], 1_000)
                : Draft.toPeer(
                    new dev.p2pkit.sdk.PeerId(target), accessPoint, 0, new byte[0], 1_000);
        Call call = new Call(id, draft, outcome -> {}, 0);
        table.add(call);
        List<Call> lane = model.computeIfAbsent(lane(call), name -> new ArrayList<>());
        assertThat(call.laneBefore).isSameAs(lane.isEmpty() ? null : lane.get(lane.size() - 1));
        lane.add(call);
        all.add(call);
      } else {
        Call call = all.remove(random.nextInt(all.size()));
        List<Call> lane = model.getOrDefault(lane(call), List.of());
        int at = lane.indexOf(call);
        Call after = at + 1 < lane.size() ? lane.get(at + 1) : null;
        assertThat(table.remove(call)).isSameAs(after);
        assertThat(table.remove(call)).isNull();
        lane.remove(at);
        if (after != null) {
          assertThat(after.laneBefore).isSameAs(at > 0 ? lane.get(at - 1) : null);
        }
      }
    }
  }

  private static String lane(Call call) {
    return call.draft.byKey() + "/" + call.draft.target() + "/" + call.draft.accessPoint();
  }
}
