// What peers report of staged roll-outs: kept, compared with neighbours, and judged.
package dev.p2pkit.peer.registry;

import com.google.common.hash.Hashing;
import dev.p2pkit.client.record.HealthLimits;
import dev.p2pkit.client.record.HybridTime;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.client.record.Wave;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.peer.registry.RegistryMessage.Health;
import dev.p2pkit.peer.registry.RegistryMessage.HealthItem;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reports of each chain whose record in force has waves, at most {@link Waves#WATCHED} of each:
 * those of the peers with the lowest places, which everybody expects, and setbacks before all. They
 * are for one archive; when another is in force they are forgotten.
 */
final class HealthBook implements Waves.Health {
  private static final Logger LOG = LoggerFactory.getLogger(HealthBook.class);
  private static final long FIRST_PAUSE = TimeUnit.SECONDS.toMicros(4);
  private static final long LONGEST_PAUSE = TimeUnit.MINUTES.toMicros(4);

  private final RegistryConfig config;
  private final Host host;
  private final Courier courier;
  private final Catalogue catalogue;
  private final Admission admission;
  private final Supplier<RingView> view;
  private final Map<Chain, Map<PeerId, HealthReport>> reports = new TreeMap<>();
  private final Map<Chain, Said> said = new HashMap<>();
  private final Vanished vanished = new Vanished();
  private final LongConsumer whenCompared;
  private boolean compared;

  /** What this peer said last, and when it says something again if only counts have changed. */
  private record Said(HealthReport report, long pause, long nextAt) {}

  /**
   * Knows nothing yet.
   *
   * @param whenCompared called once, see {@link #compared}
   */
  HealthBook(
      RegistryConfig config,
      Host host,
      Courier courier,
      Catalogue catalogue,
      Admission admission,
      Supplier<RingView> view,
      LongConsumer whenCompared) {
    this.view = view;
    this.whenCompared = whenCompared;
    this.config = config;
    this.host = host;
    this.courier = courier;
    this.catalogue = catalogue;
    this.admission = admission;
  }

  /** Equal for equal sets of reports. */
  long digest() {
    long digest = 0;
    for (HealthItem item : inventory()) {
      digest ^=
          Hashing.murmur3_128()
              .newHasher()
              .putLong(item.chain())
              .putLong(item.peer().position().high())
              .putLong(item.peer().position().low())
              .putLong(item.stamp())
              .hash()
              .asLong();
    }
    return digest;
  }

  private Collection<HealthReport> all() {
    return reports.values().stream().flatMap(each -> each.values().stream()).toList();
  }

  private List<HealthItem> inventory() {
    return all().stream()
        .limit(RegistryCodec.MAX_HEALTH)
        .map(report -> new HealthItem(report.chain().id(), report.peer(), report.stamp()))
        .toList();
  }

  void onDigest(long now, PeerRef from, long theirs) {
    if (theirs != digest()) {
      courier.send(now, from, new Health(true, inventory(), List.of(), List.of()));
    }
  }

  /**
   * What this peer knows is what its neighbours knew a moment ago: it has compared, or is alone.
   */
  void compared(long now) {
    if (!compared) {
      compared = true;
      whenCompared.accept(now);
    }
  }

  /** Whether it ever was so since the start. */
  boolean hasCompared() {
    return compared;
  }

  void onHealth(long now, PeerRef from, Health health) {
    health.reports().forEach(report -> take(from.id(), report));
    List<HealthItem> wanted = new ArrayList<>();
    List<HealthReport> sent = new ArrayList<>();
    if (health.complete()) {
      Map<HealthItem, Long> theirs = new HashMap<>();
      health.known().forEach(item -> theirs.put(item.unstamped(), item.stamp()));
      for (HealthReport ours : all()) {
        HealthItem item = new HealthItem(ours.chain().id(), ours.peer(), 0);
        long stamp = Optional.ofNullable(theirs.remove(item)).orElse(0L);
        if (ours.stamp() > stamp) {
          sent.add(ours);
        } else if (ours.stamp() < stamp) {
          wanted.add(item);
        }
      }
      wanted.addAll(theirs.keySet());
    }
    Set<HealthItem> asked = new HashSet<>(health.wanted());
    for (HealthReport ours : all()) {
      if (asked.contains(new HealthItem(ours.chain().id(), ours.peer(), 0))) {
        sent.add(ours);
      }
    }
    if (!wanted.isEmpty() || !sent.isEmpty()) {
      courier.send(
          now,
          from,
          new Health(
              false,
              List.of(),
              wanted.stream().limit(RegistryCodec.MAX_HEALTH).toList(),
              sent.stream().limit(RegistryCodec.MAX_HEALTH).toList()));
    }
  }

  /** Takes a report if it is genuine, newer than what is known, and among those that are kept. */
  private void take(PeerId from, HealthReport report) {
    Optional<ServiceRecord> record =
        catalogue
            .get(report.chain())
            .filter(Catalogue.Entry::trusted)
            .map(Catalogue.Entry::record)
            .filter(it -> it.plan().schedule().staged())
            .filter(it -> it.archive().equals(report.archive()));
    if (record.isEmpty() || courier.isSelf(report.peer()) || isOfNobody(report)) {
      return;
    }
    Map<PeerId, HealthReport> known = of(record.get());
    HealthReport before = known.get(report.peer());
    long latest = host.wallMillis().getAsLong() + TimeUnit.MICROSECONDS.toMillis(config.maxSkew());
    if ((before != null && before.stamp() >= report.stamp())
        || HybridTime.wallMillis(report.stamp()) > latest
        || report.since() > HybridTime.wallMillis(report.stamp())
        || (before == null && isLast(known, report))) {
      return;
    }
    if (admission.floods(from)) {
      return;
    }
    if (!report.genuine(host.seals())) {
      admission.forged(from, 1);
      admission.count("health");
      LOG.warn(
          "a health report of {} for {} was not sealed by that peer", report.peer(), record.get());
      return;
    }
    vanished.back(report);
    keep(known, report);
  }

  /**
   * Whether a report praises in the name of somebody who is no member, as far as this peer knows
   * all members: keys cost nothing, and whoever makes many could speak for many. What blames is
   * taken all the same: a peer that a version has taken off the ring has said so before.
   */
  private boolean isOfNobody(HealthReport report) {
    RingView present = view.get();
    return report.state() == HealthReport.State.ACTIVE
        && !courier.isSelf(report.peer())
        && present.joined()
        && present.complete()
        && present.find(report.peer()).isEmpty();
  }

  private static boolean isLast(Map<PeerId, HealthReport> known, HealthReport report) {
    return known.size() >= Waves.WATCHED
        && known.values().stream().allMatch(it -> HealthReport.RANK.compare(it, report) < 0);
  }

  private static void keep(Map<PeerId, HealthReport> known, HealthReport report) {
    known.put(report.peer(), report);
    if (known.size() > Waves.WATCHED) {
      known.values().stream()
          .max(HealthReport.RANK)
          .map(HealthReport::peer)
          .ifPresent(known::remove);
    }
  }

  /** The reports on what a record brings; those on anything else of its chain are forgotten. */
  private Map<PeerId, HealthReport> of(ServiceRecord record) {
    Map<PeerId, HealthReport> known =
        reports.computeIfAbsent(Chain.of(record), chain -> new TreeMap<>());
    known.values().removeIf(report -> !report.archive().equals(record.archive()));
    return known;
  }

  /** This peer has something to say of a version. */
  void say(
      long now,
      ServiceRecord record,
      HealthReport.State state,
      int wave,
      Deployment.Tally counts,
      Deployment.Tally before) {
    Chain chain = Chain.of(record);
    Optional<Said> latest = Optional.ofNullable(said.get(chain));
    Optional<Said> repeated =
        latest
            .filter(it -> it.report().archive().equals(record.archive()))
            .filter(it -> it.report().state() == state);
    if (repeated.isPresent()
        && (repeated.get().report().now().equals(counts) || repeated.get().nextAt() > now)) {
      return;
    }
    long wall = host.wallMillis().getAsLong();
    long stamp = HybridTime.after(latest.map(it -> it.report().stamp()).orElse(0L), wall);
    long since = repeated.map(it -> it.report().since()).orElse(wall);
    HealthReport report =
        HealthReport.sealed(
            host.seals(), courier.self().id(), record, state, wave, since, counts, before, stamp);
    long pause = repeated.map(it -> Math.min(LONGEST_PAUSE, it.pause() * 2)).orElse(FIRST_PAUSE);
    said.put(chain, new Said(report, pause, now + pause));
    keep(of(record), report);
  }

  /** Forgets what no record in force has waves for, and praise of those who have left. */
  void tidy() {
    for (Map<PeerId, HealthReport> known : reports.values()) {
      known.values().stream().filter(this::isOfNobody).forEach(vanished::add);
      known.values().removeIf(this::isOfNobody);
    }
    reports
        .keySet()
        .removeIf(
            chain ->
                catalogue
                    .get(chain)
                    .filter(entry -> entry.record().plan().schedule().staged())
                    .isEmpty());
    said.keySet().removeIf(chain -> catalogue.get(chain).isEmpty());
    vanished.keep(reports.keySet());
  }

  @Override
  public OptionalLong began(ServiceRecord record, int wave) {
    return of(record).values().stream()
        .filter(report -> report.wave() == wave)
        .mapToLong(HealthReport::since)
        .min();
  }

  @Override
  public Optional<String> warning(ServiceRecord record, boolean standsIn) {
    if (!compared) {
      return Optional.of("this peer has not heard yet how those do that have the version");
    }
    List<HealthReport> others =
        of(record).values().stream().filter(report -> !courier.isSelf(report.peer())).toList();
    Optional<String> halted = HealthSum.tooManySetbacks(others, record.plan().schedule().limits());
    boolean gone = vanished.any(record) || others.stream().anyMatch(this::isOfNobody);
    return halted.isPresent() || !standsIn || !gone
        ? halted
        : Optional.of(
            "the peer that went first has left the ring, and how the version did there is not"
                + " known; goes on when it is back, or when the owner promotes the roll-out");
  }

  @Override
  public Optional<String> objection(ServiceRecord record, int wave, List<PeerId> expected) {
    HealthLimits limits = record.plan().schedule().limits();
    Map<PeerId, HealthReport> known = of(record);
    List<HealthReport> earlier =
        known.values().stream().filter(report -> report.wave() < wave).toList();
    if (expected.isEmpty()) {
      // A label is known to its bearer only: one report may be all of them or one of a hundred.
      return HealthSum.objection(earlier, limits)
          .or(
              () ->
                  Optional.of(
                      "the peers before are chosen by a label, and how many bear it is not known;"
                          + " only the owner opens it, by promoting the roll-out"));
    }
    long heard = expected.stream().filter(known::containsKey).count();
    if (earlier.isEmpty() || heard * Wave.ALL < (long) limits.reports() * expected.size()) {
      return Optional.of(
          "the health of the waves before is not known, "
              + heard
              + " of "
              + expected.size()
              + " peers of them reported");
    }
    return HealthSum.objection(earlier, limits);
  }
}
