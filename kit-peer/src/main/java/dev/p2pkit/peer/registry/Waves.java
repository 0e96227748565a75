// Decides for one peer whether its wave of a staged roll-out is open.
package dev.p2pkit.peer.registry;

import dev.p2pkit.client.record.Schedule;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.client.record.Wave;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.sdk.PeerId;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The gate before each wave. Nobody is asked: the record says when, the clock and the health that
 * peers have reported say whether.
 */
final class Waves {
  /** Of so many peers of the waves before, those with the lowest places, health is wanted. */
  static final int WATCHED = 64;

  private final PeerId self;
  private final Map<String, String> labels;
  private final LongSupplier wallMillis;
  private final Supplier<RingView> view;
  private final Health health;
  private final Map<String, List<PeerId>> firsts = new HashMap<>();
  private final Pace pace;
  private @Nullable RingView sorted;

  /** What is known of the health of those who were before. */
  interface Health {
    /**
     * Why a wave stays closed for the health of the waves before; empty if they are well.
     *
     * @param expected the peers whose health must be known; if it is empty, the wave stays closed
     */
    Optional<String> objection(ServiceRecord record, int wave, List<PeerId> expected);

    /**
     * Why a peer of the first wave that has not got the version yet must not get it; empty if those
     * that have it are not known to do badly.
     *
     * @param standsIn whether it goes first only because no other peer falls into the first wave:
     *     then it does not take the place of one that had the version and is gone
     */
    Optional<String> warning(ServiceRecord record, boolean standsIn);

    /**
     * When the first peer of a wave, as far as reports are known, began with the version,
     * milliseconds since 1970; empty if none of that wave is known.
     */
    OptionalLong began(ServiceRecord record, int wave);
  }

  Waves(
      PeerId self,
      Map<String, String> labels,
      LongSupplier wallMillis,
      Supplier<RingView> view,
      Health health) {
    this.self = self;
    this.labels = Map.copyOf(labels);
    this.wallMillis = wallMillis;
    this.view = view;
    this.health = health;
    pace = new Pace(health);
  }

  /** This peer's wave, from 0. */
  int waveOf(ServiceRecord record) {
    Schedule schedule = record.plan().schedule();
    int wave = schedule.waveOf(Wave.place(self, record.archive()), labels);
    return wave > 0 && standsIn(record) ? 0 : wave;
  }

  private boolean takenByFirst(ServiceRecord record) {
    return record.plan().schedule().waveOf(Wave.place(self, record.archive()), labels) == 0;
  }

  /**
   * Where no peer that is known falls into the first wave, because the ring is small, the one with
   * the lowest place goes first: without anybody in front nobody's health could ever be known.
   */
  private boolean standsIn(ServiceRecord record) {
    Wave first = record.plan().schedule().waves().get(0);
    return first.label().isEmpty()
        && view.get().joined()
        && first(record).stream().limit(1).allMatch(self::equals)
        && Wave.place(self, record.archive()) >= first.share();
  }

  /** The known peers with the lowest places, lowest first; of all of them once for each view. */
  private List<PeerId> first(ServiceRecord record) {
    RingView present = view.get();
    if (present != sorted) {
      sorted = present;
      firsts.clear();
    }
    return firsts.computeIfAbsent(record.archive(), archive -> first(present, archive));
  }

  private record Placed(PeerId peer, int place) {}

  private static List<PeerId> first(RingView view, String archive) {
    return view.members().stream()
        .map(PeerRef::id)
        .map(peer -> new Placed(peer, Wave.place(peer, archive)))
        .sorted(Comparator.comparingInt(Placed::place).thenComparing(Placed::peer))
        .limit(WATCHED)
        .map(Placed::peer)
        .toList();
  }

  /** Why this peer's wave is closed; empty if it is open. */
  Optional<String> closed(ServiceRecord record) {
    Schedule schedule = record.plan().schedule();
    if (!schedule.staged()) {
      return Optional.empty();
    }
    return closed(record, waveOf(record));
  }

  /**
   * Whether peers of later waves than this one's have still to get a version, as far as this peer
   * knows.
   */
  boolean awaited(ServiceRecord record) {
    int last = record.plan().schedule().waves().size() - 1;
    return waveOf(record) < last && closed(record, last).isPresent();
  }

  private Optional<String> closed(ServiceRecord record, int index) {
    Schedule schedule = record.plan().schedule();
    if (index < schedule.opened()) {
      return Optional.empty();
    }
    String which = "wave " + (index + 1) + " of " + schedule.waves().size();
    long now = wallMillis.getAsLong();
    long notBefore =
        pace.opensAt(
            record, index, now, wave -> schedule.paused() || objection(record, wave).isPresent());
    Optional<String> objection =
        index == 0 ? health.warning(record, !takenByFirst(record)) : objection(record, index);
    if (!schedule.paused() && notBefore <= now) {
      return objection.map(why -> which + ": " + why);
    }
    // What would keep it closed anyway belongs to it: the owner may be about to open it by hand.
    return Optional.of(
        which + until(schedule, notBefore) + objection.map(why -> "; " + why).orElse(""));
  }

  private static String until(Schedule schedule, long notBefore) {
    if (schedule.paused()) {
      return ": the roll-out is paused";
    }
    return notBefore == Wave.WHEN_PROMOTED
        ? " opens when the owner promotes the roll-out"
        : " opens at " + Instant.ofEpochMilli(notBefore).truncatedTo(ChronoUnit.SECONDS);
  }

  private Optional<String> objection(ServiceRecord record, int wave) {
    return health.objection(record, wave, watched(record, wave));
  }

  /** A chain has ended. */
  void forget(Chain chain) {
    pace.forget(chain);
  }

  /** The peers of the waves before one whose health is wanted, as far as this peer knows them. */
  private List<PeerId> watched(ServiceRecord record, int wave) {
    int share =
        record.plan().schedule().waves().subList(0, wave).stream()
            .mapToInt(Wave::share)
            .max()
            .orElse(0);
    List<PeerId> first =
        first(record).stream().filter(peer -> Wave.place(peer, record.archive()) < share).toList();
    boolean labelled = record.plan().schedule().waves().get(0).label().isPresent();
    return first.isEmpty() && !labelled ? first(record).stream().limit(1).toList() : first;
  }
}
