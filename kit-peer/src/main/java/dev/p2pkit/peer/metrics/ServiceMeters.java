// The meters of the services of a peer, in one registry.
package dev.p2pkit.peer.metrics;

import dev.p2pkit.sdk.ServiceFigures;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * Meters for each service that runs. What is counted of turns has the version for a tag, since it
 * begins anew with each: so a canary's stands beside that of the version before. Thread-safe.
 */
final class ServiceMeters {
  private static final String PREFIX = "p2pkit.service.";

  private final MeterRegistry registry;
  private final Tags tags;
  private final Supplier<List<ServiceFigures>> figures;

  /** Guarded by this. */
  private final Map<Subject, List<Meter>> meters = new HashMap<>();

  /** Guarded by this. */
  private boolean closed;

  /** What a set of meters is about: a service, or one version of it. */
  private record Subject(String name, String instance, Optional<String> version) {
    boolean is(ServiceFigures figures) {
      return name.equals(figures.name())
          && instance.equals(figures.instance())
          && version.map(figures.version()::equals).orElse(true);
    }
  }

  ServiceMeters(MeterRegistry registry, Tags tags, Supplier<List<ServiceFigures>> figures) {
    this.registry = registry;
    this.tags = tags;
    this.figures = figures;
  }

  /** Brings the meters in line with what runs; gives how many services that are. */
  synchronized int follow() {
    List<ServiceFigures> present = figures.get();
    if (closed) {
      return present.size();
    }
    Set<Subject> subjects = new HashSet<>();
    for (ServiceFigures each : present) {
      subjects.add(new Subject(each.name(), each.instance(), Optional.empty()));
      subjects.add(new Subject(each.name(), each.instance(), Optional.of(each.version())));
    }
    meters
        .entrySet()
        .removeIf(
            entry -> {
              boolean gone = !subjects.contains(entry.getKey());
              if (gone) {
                entry.getValue().forEach(registry::remove);
              }
              return gone;
            });
    subjects.forEach(
        subject ->
            meters.computeIfAbsent(
                subject, it -> it.version().isPresent() ? ofVersion(it) : ofService(it)));
    return present.size();
  }

  private List<Meter> ofService(Subject subject) {
    List<Meter> all = new ArrayList<>();
    all.add(present(subject, "mailbox.messages", "messages", ServiceFigures::mailboxMessages));
    all.add(present(subject, "mailbox.size", "bytes", ServiceFigures::mailboxBytes));
    all.add(present(subject, "state.size", "bytes", ServiceFigures::stateBytes));
    all.add(present(subject, "loaders.live", "loaders", ServiceFigures::liveLoaders));
    all.add(present(subject, "loaders.leaked", "loaders", ServiceFigures::leakedLoaders));
    all.add(counted(subject, "cpu", "seconds", it -> it.cpuMicros() / 1e6));
    all.add(counted(subject, "allocated", "bytes", ServiceFigures::allocatedBytes));
    all.add(counted(subject, "sent", "messages", ServiceFigures::sent));
    all.add(counted(subject, "slowed", "times", ServiceFigures::slowed));
    all.add(counted(subject, "dead.letters", "messages", ServiceFigures::deadLetters));
    return all;
  }

  private List<Meter> ofVersion(Subject subject) {
    return List.of(
        counted(subject, "turns", "turns", ServiceFigures::turns),
        counted(subject, "turns.failed", "turns", ServiceFigures::failed),
        lasted(subject, "turn.mean", ServiceFigures::meanMicros),
        lasted(subject, "turn.p99", ServiceFigures::p99Micros));
  }

  private Tags tags(Subject subject) {
    Tags all = tags.and("service", subject.name(), "instance", subject.instance());
    return subject.version().map(version -> all.and("version", version)).orElse(all);
  }

  /** Not a number where it does not run any more, until that is noticed. */
  private double value(Subject subject, ToDoubleFunction<ServiceFigures> of) {
    return figures.get().stream()
        .filter(subject::is)
        .mapToDouble(of)
        .findFirst()
        .orElse(Double.NaN);
  }

  private Meter present(
      Subject subject, String name, String unit, ToDoubleFunction<ServiceFigures> of) {
    return Gauge.builder(PREFIX + name, () -> value(subject, of))
        .tags(tags(subject))
        .baseUnit(unit)
        .register(registry);
  }

  private Meter counted(
      Subject subject, String name, String unit, ToDoubleFunction<ServiceFigures> of) {
    // Holds this, as the meter alone would not.
    return FunctionCounter.builder(PREFIX + name, this, it -> value(subject, of))
        .tags(tags(subject))
        .baseUnit(unit)
        .register(registry);
  }

  private Meter lasted(Subject subject, String name, ToDoubleFunction<ServiceFigures> of) {
    return TimeGauge.builder(PREFIX + name, () -> value(subject, of), TimeUnit.MICROSECONDS)
        .tags(tags(subject))
        .register(registry);
  }

  synchronized void close() {
    closed = true;
    meters.values().forEach(all -> all.forEach(registry::remove));
    meters.clear();
  }
}
