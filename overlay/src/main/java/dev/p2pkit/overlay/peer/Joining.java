// How a peer finds its ring: knocks at entry points until one lets it in, or founds a ring.
package dev.p2pkit.overlay.peer;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * One attempt to get into a ring. Entry points are tried in random order, so that the first one of
 * a list that everybody has does not serve everybody; a round that brought nothing is repeated
 * after a pause until the limit. Runs on the control thread.
 */
final class Joining {
  private static final Duration PAUSE = Duration.ofMillis(500);

  /** How many remembered peers are tried at once. */
  private static final int KEPT_AT_ONCE = 8;

  private final OverlayPeer peer;
  private final EntryMode mode;
  private final List<EntryPoint> points;
  private final List<EntryPoint> kept;
  private final long limitAt;
  private final Duration limit;
  private final CompletableFuture<Void> done;
  private final Random random;
  private final Map<EntryPoint, KitException> reasons = new LinkedHashMap<>();
  private boolean met;

  Joining(
      OverlayPeer peer,
      List<EntryPoint> points,
      List<EntryPoint> kept,
      EntryMode mode,
      Duration limit,
      CompletableFuture<Void> done,
      Random random) {
    this.done = done;
    this.random = random;
    this.peer = peer;
    this.mode = mode;
    this.limit = limit;
    this.limitAt = System.nanoTime() + limit.toNanos();
    this.points = points.stream().filter(point -> !leadsHere(point)).toList();
    this.kept = kept.stream().filter(point -> !leadsHere(point)).toList();
  }

  /** A list of entry points that all peers share names this one too. */
  private boolean leadsHere(EntryPoint point) {
    return point.endpoint().equals(peer.self().endpoint())
        || point.expected().map(peer.self().id()::equals).orElse(false);
  }

  CompletableFuture<Void> begin() {
    peer.after(limit, this::give);
    peer.run(now -> round());
    return done;
  }

  private void round() {
    if (mode == EntryMode.CREATE
        || (mode == EntryMode.CREATE_OR_JOIN && points.isEmpty() && kept.isEmpty())) {
      create();
    } else {
      List<EntryPoint> order = new ArrayList<>(points);
      Collections.shuffle(order, random);
      next(order, 0);
    }
  }

  private void next(List<EntryPoint> order, int index) {
    if (done.isDone()) {
      return;
    }
    if (index == order.size()) {
      if (kept.isEmpty()) {
        roundFailed();
      } else {
        tryKept();
      }
      return;
    }
    EntryPoint point = order.get(index);
    CompletableFuture<?> unused =
        peer.meet(point)
            .whenComplete(
                (contact, failed) ->
                    peer.run(
                        now -> {
                          if (failed == null) {
                            met = true;
                            enter(point, contact, order, index);
                          } else {
                            reasons.put(point, KitException.from(failed));
                            next(order, index + 1);
                          }
                        }));
  }

  private void enter(EntryPoint point, PeerRef contact, List<EntryPoint> order, int index) {
    if (done.isDone()) {
      return;
    }
    CompletableFuture<?> unused =
        peer.join(List.of(contact))
            .whenComplete(
                (joined, failed) -> {
                  if (failed == null) {
                    done.complete(null);
                    return;
                  }
                  reasons.put(point, KitException.from(failed));
                  peer.run(now -> next(order, index + 1));
                });
  }

  /**
   * No entry point has let this peer in: some of those that it remembers are tried, all at the same
   * time, as most of them may be long gone.
   */
  private void tryKept() {
    List<EntryPoint> some = new ArrayList<>(kept);
    Collections.shuffle(some, random);
    some = some.subList(0, Math.min(KEPT_AT_ONCE, some.size()));
    List<PeerRef> found = Collections.synchronizedList(new ArrayList<>());
    List<CompletableFuture<?>> dials = new ArrayList<>();
    for (EntryPoint point : some) {
      dials.add(
          peer.meet(point)
              .handle(
                  (contact, failed) -> {
                    if (failed == null) {
                      found.add(contact);
                    }
                    return failed == null;
                  }));
    }
    CompletableFuture<?> unused =
        CompletableFuture.allOf(dials.toArray(new CompletableFuture<?>[0]))
            .whenComplete((all, failed) -> peer.run(now -> enterThroughKept(List.copyOf(found))));
  }

  private void enterThroughKept(List<PeerRef> found) {
    if (done.isDone()) {
      return;
    }
    if (found.isEmpty()) {
      roundFailed();
      return;
    }
    met = true;
    CompletableFuture<?> unused =
        peer.join(found)
            .whenComplete(
                (joined, failed) -> {
                  if (failed == null) {
                    done.complete(null);
                  } else if (found.size() > 1
                      && KitException.from(failed).code() == ErrorCode.ADDRESS_IN_USE) {
                    done.completeExceptionally(KitException.from(failed));
                  } else {
                    peer.run(now -> roundFailed());
                  }
                });
  }

  private void roundFailed() {
    // Whoever answered and did not let this peer in belongs to a ring: do not found a second one.
    if (mode == EntryMode.CREATE_OR_JOIN && !met && onlySilence()) {
      create();
    } else if (points.isEmpty() ? kept.isEmpty() : hopeless()) {
      give();
    } else if (System.nanoTime() + PAUSE.toNanos() < limitAt) {
      peer.after(PAUSE, this::round);
    }
  }

  private boolean onlySilence() {
    return reasons.values().stream().allMatch(reason -> reason.code() == ErrorCode.NO_ROUTE);
  }

  /** No entry point will think better of it. */
  private boolean hopeless() {
    return reasons.size() == points.size()
        && reasons.values().stream()
            .allMatch(
                reason ->
                    reason.code() == ErrorCode.NETWORK_MISMATCH
                        || reason.code() == ErrorCode.UNAUTHORISED
                        || reason.code() == ErrorCode.ADDRESS_IN_USE
                        || reason.code() == ErrorCode.VERSION_SKEW);
  }

  private void create() {
    CompletableFuture<?> unused =
        peer.create()
            .whenComplete(
                (created, failed) -> {
                  if (failed == null) {
                    done.complete(null);
                  } else {
                    done.completeExceptionally(failed);
                  }
                });
  }

  private void give() {
    if (done.isDone()) {
      return;
    }
    if (points.isEmpty()) {
      done.completeExceptionally(
          new KitException(
              ErrorCode.NO_ROUTE,
              kept.isEmpty()
                  ? "no entry point leads to another peer; name one as host:port#peerid"
                  : "none of the "
                      + kept.size()
                      + " peers that this one remembers let it in within "
                      + limit.toMillis()
                      + " ms; name an entry point as host:port#peerid"));
      return;
    }
    List<ErrorCode> codes = reasons.values().stream().map(KitException::code).distinct().toList();
    String each =
        points.stream()
            .map(
                point -> {
                  KitException reason = reasons.get(point);
                  return point + ": " + (reason == null ? "no answer" : reason.detail());
                })
            .collect(Collectors.joining("; "));
    done.completeExceptionally(
        new KitException(
            hopeless() && codes.size() == 1 ? codes.get(0) : ErrorCode.NO_ROUTE,
            "no entry point let this peer in within "
                + limit.toMillis()
                + " ms; check that one of them runs and can be reached. "
                + each));
  }
}
