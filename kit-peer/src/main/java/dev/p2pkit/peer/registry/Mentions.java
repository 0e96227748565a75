// Messages that wait because they name a version, or a service, that does not run here yet.
package dev.p2pkit.peer.registry;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.peer.registry.timing.Alarms;
import dev.p2pkit.peer.registry.timing.Completion;
import dev.p2pkit.peer.registry.timing.Result;
import dev.p2pkit.sdk.ErrorCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Pulls what was mentioned and answers when it runs. */
final class Mentions {
  private static final int MAX_WAITING = 16_384;
  private static final int MAX_UNKNOWN = 1024;

  /** How long the answer "nobody knows it" holds. */
  private static final long UNKNOWN_FOR = TimeUnit.SECONDS.toMicros(1);

  /**
   * So many names are asked for at once, then so many a second: fewer than the neighbours answer,
   * so that comparisons of records go on whatever names clients make up.
   */
  static final int PULLS_AT_ONCE = 256;

  private static final int PULLS_PER_SECOND = 32;

  private final RegistryConfig config;
  private final Courier courier;
  private final Alarms alarms;
  private final Catalogue catalogue;
  private final Deployer deployer;
  private final Reconciler reconciler;
  private final Allowances pulls;
  private final Map<Long, Waiting> waiting = new LinkedHashMap<>();
  private final Set<String> pulling = new HashSet<>();
  private final Map<String, Long> unknown = new HashMap<>();
  private RingView view;
  private long last;

  Mentions(
      RegistryConfig config,
      Courier courier,
      Alarms alarms,
      Catalogue catalogue,
      Deployer deployer,
      Reconciler reconciler,
      LongSupplier wallMillis) {
    this.config = config;
    this.courier = courier;
    this.alarms = alarms;
    this.catalogue = catalogue;
    this.deployer = deployer;
    this.reconciler = reconciler;
    this.pulls = new Allowances(PULLS_AT_ONCE, PULLS_PER_SECOND, wallMillis);
    this.view = RingView.outside(courier.self());
  }

  private record Waiting(
      String accessPoint, long epoch, long alarm, Completion<Result<Long>> done) {}

  void onView(RingView newView) {
    view = newView;
  }

  void mention(
      long now, String accessPoint, long epoch, PeerRef from, Completion<Result<Long>> done) {
    long known =
        catalogue.at(accessPoint).stream().mapToLong(entry -> entry.record().epoch()).sum();
    boolean pull = known == 0 ? !isUnknown(now, accessPoint) : known < epoch;
    if (!pull) {
      Optional<Result<Long>> answer = answer(accessPoint);
      if (answer.isPresent()) {
        done.done(now, answer.get());
        return;
      }
    }
    boolean begins = pull && !pulling.contains(accessPoint);
    if (begins && pulls.spent(courier.self().id())) {
      done.done(
          now,
          new Result.Failure<>(
              ErrorCode.BUSY,
              "whether there is a service "
                  + accessPoint
                  + " is not known here, and too many such names were asked for; try again later"));
      return;
    }
    if (waiting.size() >= MAX_WAITING) {
      done.done(
          now,
          new Result.Failure<>(ErrorCode.BUSY, "too many messages wait for services on this peer"));
      return;
    }
    long id = ++last;
    long alarm = alarms.at(now + config.prepareTime(), then -> tooLate(then, id));
    waiting.put(id, new Waiting(accessPoint, epoch, alarm, done));
    if (begins) {
      pulls.add(courier.self().id(), 1);
      pulling.add(accessPoint);
      reconciler.pull(now, accessPoint, askable(from), (then, found) -> pulled(then, accessPoint));
    }
  }

  private boolean isUnknown(long now, String accessPoint) {
    return unknown.getOrDefault(accessPoint, Long.MIN_VALUE) > now;
  }

  /** The peer that mentioned it, and the neighbours. */
  private List<PeerRef> askable(PeerRef from) {
    Map<Object, PeerRef> peers = new LinkedHashMap<>();
    peers.put(from.id(), from);
    view.successors().stream().limit(2).forEach(peer -> peers.putIfAbsent(peer.id(), peer));
    view.predecessors().stream().limit(1).forEach(peer -> peers.putIfAbsent(peer.id(), peer));
    peers.remove(courier.self().id());
    return List.copyOf(peers.values());
  }

  private void pulled(long now, String accessPoint) {
    pulling.remove(accessPoint);
    if (catalogue.at(accessPoint).isEmpty()) {
      if (unknown.size() >= MAX_UNKNOWN) {
        unknown.clear();
      }
      unknown.put(accessPoint, now + UNKNOWN_FOR);
    }
    resolve(now);
  }

  /** Something runs, failed, or is known that was not before. */
  void resolve(long now) {
    for (Map.Entry<Long, Waiting> entry : List.copyOf(waiting.entrySet())) {
      Waiting each = entry.getValue();
      if (!pulling.contains(each.accessPoint()) || reached(each)) {
        answer(each.accessPoint())
            .ifPresent(
                answer -> {
                  if (waiting.remove(entry.getKey()) != null) {
                    alarms.cancel(each.alarm());
                    each.done().done(now, answer);
                  }
                });
      }
    }
  }

  private boolean reached(Waiting each) {
    List<Catalogue.Entry> entries = catalogue.at(each.accessPoint());
    return !entries.isEmpty()
        && entries.stream().mapToLong(entry -> entry.record().epoch()).sum() >= each.epoch();
  }

  /** What is to be said of an access point now; empty if something is under way. */
  private Optional<Result<Long>> answer(String accessPoint) {
    List<Slot> slots = new ArrayList<>();
    for (Catalogue.Entry entry : catalogue.at(accessPoint)) {
      if (entry.runsHere()) {
        deployer.slots().of(Chain.of(entry.record())).ifPresent(slots::add);
      }
    }
    if (slots.isEmpty()) {
      return Optional.of(new Result.Failure<>(ErrorCode.NO_SUCH_SERVICE, missing(accessPoint)));
    }
    if (!slots.stream().allMatch(Slot::settled)) {
      return Optional.empty();
    }
    if (slots.stream().anyMatch(slot -> slot.running != null)) {
      return Optional.of(new Result.Value<>(slots.stream().mapToLong(Slot::servedEpoch).sum()));
    }
    Slot first = slots.get(0);
    return Optional.of(
        new Result.Failure<>(
            first.failure,
            first.waits.isEmpty()
                ? first.detail
                : "the service " + accessPoint + " has not reached this peer yet, " + first.waits));
  }

  private String missing(String accessPoint) {
    List<Catalogue.Entry> known = catalogue.at(accessPoint);
    if (known.isEmpty()) {
      return "no service " + accessPoint + " is installed";
    }
    return known.stream().allMatch(entry -> entry.record().withdrawn())
        ? "the service " + accessPoint + " was withdrawn by its owner"
        : "the service " + accessPoint + " is not meant for this peer";
  }

  private void tooLate(long now, long id) {
    Waiting each = waiting.remove(id);
    if (each != null) {
      each.done()
          .done(
              now,
              new Result.Failure<>(
                  ErrorCode.NOT_READY,
                  "the service " + each.accessPoint() + " is still being fetched; try again"));
    }
  }
}
