// A peer's figures in the meter registry of the program that it runs in.
package dev.p2pkit.peer.metrics;

import dev.p2pkit.peer.Peer;
import dev.p2pkit.peer.service.RuntimeStatistics;
import dev.p2pkit.sdk.PeerInfo;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.ToDoubleFunction;

/**
 * Registers meters of one peer, each with a tag {@code peer}, and of each service that it runs,
 * with {@code service} and {@code instance}; docs/operations.md lists them. Those of services come,
 * go and change their version with them whenever {@code p2pkit.peer.services} is read, which every
 * registry does that reads all meters.
 *
 * <p>Whoever reads a meter reads what the peer has counted anyway: nothing is measured for it, and
 * figures are at most a second old. Thread-safe.
 */
public final class PeerMeters implements MeterBinder, AutoCloseable {
  private static final String PREFIX = "p2pkit.peer.";

  private final Peer peer;
  private final Tags tags;
  private final Recent<PeerInfo.Statistics> network;
  private final Recent<RuntimeStatistics> runtime;
  private final List<Bound> bound = new CopyOnWriteArrayList<>();

  /** What was registered with one registry. */
  private record Bound(MeterRegistry registry, List<Meter> ofPeer, ServiceMeters services) {}

  /** Meters of a peer that is running; none is registered before {@link #bindTo}. */
  public PeerMeters(Peer peer) {
    this.peer = peer;
    this.tags = Tags.of("peer", peer.peerId().toString());
    this.network = new Recent<>(() -> peer.info().statistics());
    this.runtime = new Recent<>(peer::serviceStatistics);
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    ServiceMeters services =
        new ServiceMeters(registry, tags, new Recent<>(peer::serviceFigures)::get);
    List<Meter> ofPeer = new ArrayList<>(ofPeer(registry));
    ofPeer.add(
        Gauge.builder(PREFIX + "services", services::follow)
            .tags(tags)
            .description("services that run here; reading it brings their meters up to date")
            .register(registry));
    bound.add(new Bound(registry, ofPeer, services));
    var unused = services.follow();
  }

  private List<Meter> ofPeer(MeterRegistry registry) {
    return List.of(
        present(registry, "clients", "sessions attached now", it -> it.clients()),
        present(registry, "links", "links open now", it -> it.inLinks() + it.outLinks()),
        counted(
            registry,
            "messages.local",
            "sends and calls that were accepted on this peer",
            it -> it.dataMessagesLocal()),
        counted(
            registry,
            "messages.remote",
            "messages that were sent to or forwarded for other peers",
            it -> it.dataMessagesRemote()),
        counted(
            registry,
            "messages.applications",
            "messages delivered to a stream, a handler or a service",
            it -> it.applicationMessages()),
        counted(
            registry,
            "control.received",
            "ring and registry messages received",
            it -> it.controlMessagesLocal()),
        counted(
            registry,
            "control.sent",
            "ring and registry messages sent",
            it -> it.controlMessagesRemote()),
        counted(registry, "table.changes", "changes of the routing table", it -> it.tableChanges()),
        counted(
            registry,
            "dropped",
            "messages that were given up, for all reasons",
            it -> it.dropped().values().stream().mapToLong(Long::longValue).sum()),
        ran(registry, "turns", "turns that ended well", it -> it.turns()),
        ran(registry, "turns.crashed", "turns that threw", it -> it.crashes()),
        ran(registry, "turns.late", "turns that were given up", it -> it.fenced()),
        ran(
            registry,
            "turns.unstored",
            "turns that were taken back, as they could not be stored",
            it -> it.unstored()),
        ran(
            registry,
            "turns.lost",
            "turns that a rollback or revert has cost",
            it -> it.turnsLost()),
        ran(registry, "refused", "messages refused before a turn", it -> it.refused()),
        ran(registry, "dead.letters", "messages that were set aside", it -> it.deadLetters()),
        ran(registry, "files.damaged", "files that were found damaged", it -> it.damaged()));
  }

  private Meter present(
      MeterRegistry registry, String name, String what, ToDoubleFunction<PeerInfo.Statistics> of) {
    return Gauge.builder(PREFIX + name, () -> of.applyAsDouble(network.get()))
        .tags(tags)
        .description(what)
        .register(registry);
  }

  private Meter counted(
      MeterRegistry registry, String name, String what, ToDoubleFunction<PeerInfo.Statistics> of) {
    return counter(registry, name, what, network, of);
  }

  private Meter ran(
      MeterRegistry registry, String name, String what, ToDoubleFunction<RuntimeStatistics> of) {
    return counter(registry, name, what, runtime, of);
  }

  private <T> Meter counter(
      MeterRegistry registry, String name, String what, Recent<T> source, ToDoubleFunction<T> of) {
    // The function holds the source: the meter alone would not, and be without it some day.
    return FunctionCounter.builder(PREFIX + name, source, it -> of.applyAsDouble(source.get()))
        .tags(tags)
        .description(what)
        .register(registry);
  }

  /**
   * Takes all meters out of the registries that they were bound to; the peer goes on. Meters of a
   * peer that was closed show what it did last.
   */
  @Override
  public void close() {
    for (Bound each : List.copyOf(bound)) {
      bound.remove(each);
      each.ofPeer().forEach(each.registry()::remove);
      each.services().close();
    }
  }
}
