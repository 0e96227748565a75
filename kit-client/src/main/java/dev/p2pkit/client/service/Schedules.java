// From what a user says of a staged roll-out to the schedule that is signed.
package dev.p2pkit.client.service;

import dev.p2pkit.client.record.HealthLimits;
import dev.p2pkit.client.record.Schedule;
import dev.p2pkit.client.record.Wave;
import dev.p2pkit.sdk.StagedRollout;
import java.util.ArrayList;
import java.util.List;

/** Makes schedules. */
final class Schedules {
  private Schedules() {}

  /**
   * The schedule of a roll-out that is signed now.
   *
   * @param wallMillis the signer's clock, milliseconds since 1970
   * @throws IllegalArgumentException if a wave takes nobody
   */
  static Schedule of(StagedRollout rollout, long wallMillis) {
    long first = rollout.notBefore().map(moment -> Math.max(0, moment.toEpochMilli())).orElse(0L);
    long begin = Math.max(first, wallMillis);
    List<Wave> waves = new ArrayList<>();
    for (int i = 0; i < rollout.stages().size(); i++) {
      StagedRollout.Stage stage = rollout.stages().get(i);
      int index = i;
      long opens =
          rollout
              .autoPromote()
              // The first wave has a time, too: the distance of the second counts from it.
              .map(span -> begin + index * span.toMillis())
              .orElse(i == 0 ? first : Wave.WHEN_PROMOTED);
      waves.add(new Wave(share(stage.share(), Wave.ALL), stage.label(), opens));
    }
    return new Schedule(
        waves,
        new HealthLimits(
            rollout.maxSetbacks(),
            share(rollout.maxErrors(), Wave.ALL),
            share(rollout.maxSlowdown(), 100),
            Math.max(1, share(rollout.minReports(), Wave.ALL))),
        false,
        0);
  }

  private static int share(double of, int whole) {
    return (int) Math.round(of * whole);
  }
}
