// When a wave of a staged roll-out may open, if those before it opened later than was planned.
package dev.p2pkit.peer.registry;

import dev.p2pkit.client.record.Schedule;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.client.record.Wave;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.IntPredicate;

/**
 * Keeps the distance between waves. The record says when each wave opens if all goes well; a wave
 * that health, a pause or an unreachable peer has held opens later, and the next one must not
 * follow at once only because its time has passed. So the distance between two signed times counts
 * from the moment at which the earlier wave opened: as its peers report it, or, where no report of
 * that wave is known, from when this peer last saw it held. Never earlier than signed.
 *
 * <p>What was seen is in memory only: a peer that was restarted goes by the reports.
 */
final class Pace {
  private final Waves.Health health;
  private final Map<Chain, Held> seen = new HashMap<>();

  /**
   * Until when each wave was seen to be held.
   *
   * @param archive of which version
   * @param until by wave, milliseconds since 1970; nothing for one that never was
   */
  private record Held(String archive, Map<Integer, Long> until) {}

  Pace(Waves.Health health) {
    this.health = health;
  }

  /**
   * When a wave may open, milliseconds since 1970, or {@link Wave#WHEN_PROMOTED}.
   *
   * @param now this peer's clock, milliseconds since 1970
   * @param held whether a wave before it, from the second on, is kept closed at this moment by
   *     something other than its time
   */
  long opensAt(ServiceRecord record, int wave, long now, IntPredicate held) {
    Schedule schedule = record.plan().schedule();
    List<Wave> waves = schedule.waves();
    long at = waves.get(0).notBefore();
    boolean known = false;
    for (int i = 0; i <= wave; i++) {
      long signed = waves.get(i).notBefore();
      if (signed == Wave.WHEN_PROMOTED) {
        return signed;
      }
      if (i > 0) {
        at = Math.max(signed, at + distance(schedule, i));
      }
      if (i < wave) {
        OptionalLong began = health.began(record, i);
        known |= began.isPresent();
        if (began.isPresent()) {
          at = Math.max(at, began.getAsLong());
        } else if (i > 0 && i >= schedule.opened()) {
          at = Math.max(at, heldUntil(record, i, known && at <= now && held.test(i), now));
        }
      }
    }
    return at;
  }

  /**
   * How long a wave keeps behind the one before. What the owner opens by hand keeps none, and none
   * is known behind a first wave that was signed without a time.
   */
  private static long distance(Schedule schedule, int wave) {
    long before = schedule.waves().get(wave - 1).notBefore();
    return wave < schedule.opened() || before == 0
        ? 0
        : schedule.waves().get(wave).notBefore() - before;
  }

  private long heldUntil(ServiceRecord record, int wave, boolean held, long now) {
    Held all =
        seen.compute(
            Chain.of(record),
            (chain, before) ->
                before != null && before.archive().equals(record.archive())
                    ? before
                    : new Held(record.archive(), new HashMap<>()));
    if (held) {
      all.until().put(wave, now);
    }
    return all.until().getOrDefault(wave, 0L);
  }

  /** Forgets a chain. */
  void forget(Chain chain) {
    seen.remove(chain);
  }
}
