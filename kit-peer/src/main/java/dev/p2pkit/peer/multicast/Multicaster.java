// Hands a message for many targets on in groups along the ring.
package dev.p2pkit.peer.multicast;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.peer.service.Incoming;
import dev.p2pkit.sdk.Ack;
import dev.p2pkit.sdk.Destination;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.MulticastReport;
import dev.p2pkit.sdk.Network;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.Receipt;
import dev.p2pkit.sdk.Source;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Targets that the routing table leads to by the same next peer stay together; there are at most
 * {@value #FAN_OUT} groups. The owner of a group's first target delivers what is its own and hands
 * the rest on in the same way. A group that cannot be handed over is tried target by target; one
 * that may have arrived is reported as unknown. Thread-safe.
 */
public final class Multicaster {
  /** The access point at which peers hand multicasts to each other. */
  public static final String ACCESS_POINT = "$multicast";

  private static final int FAN_OUT = 16;
  private static final int MOST_STEPS = 24;

  /** What a multicaster needs of its peer. */
  public interface Surroundings {
    /** The ring. */
    RingView view();

    /** Whether a message for this target is for this very peer. */
    boolean isHere(Destination target);

    /** Calls the peer at a target, or the owner of it. */
    CompletableFuture<Payload> call(
        Destination target, String accessPoint, Payload body, Duration deadline);

    /**
     * Delivers to an access point of this peer.
     *
     * @param permitted whether the sender may call the service, if that is restricted
     */
    void deliver(Incoming incoming, boolean permitted, long serviceEpoch);
  }

  private final Surroundings around;

  /** A multicaster of one peer. */
  public Multicaster(Surroundings around) {
    this.around = around;
  }

  /** Starts a multicast; see {@link Network#multicast}. */
  public CompletableFuture<MulticastReport> send(
      Collection<? extends Destination> targets,
      Source source,
      String accessPoint,
      boolean permitted,
      long serviceEpoch,
      Payload body,
      Ack ack,
      Duration deadline) {
    List<Destination> once = new ArrayList<>(new LinkedHashSet<Destination>(targets));
    if (once.size() > Network.MOST_TARGETS) {
      throw new KitException(
          ErrorCode.QUOTA,
          "a multicast has at most " + Network.MOST_TARGETS + " targets, not " + once.size());
    }
    once.sort(Comparator.comparing(MulticastBody::position));
    return distribute(
        new MulticastBody(
            source, accessPoint, permitted, serviceEpoch, ack == Ack.ENQUEUED, 0, once, body),
        System.nanoTime() + deadline.toNanos());
  }

  /** A peer hands targets over to this one. */
  public void receive(Incoming incoming) {
    CompletableFuture<MulticastReport> distributed;
    try {
      distributed =
          distribute(MulticastBody.decode(incoming.message().body()), incoming.deadlineNanos());
    } catch (KitException e) {
      incoming.fail(e.code(), e.detail());
      return;
    }
    CompletableFuture<?> unused =
        distributed.whenComplete(
            (report, thrown) -> {
              if (thrown == null) {
                incoming.reply(MulticastBody.encode(report));
              } else {
                KitException failure = KitException.from(thrown);
                incoming.fail(failure.code(), failure.detail());
              }
            });
  }

  private CompletableFuture<MulticastReport> distribute(MulticastBody cast, long deadline) {
    Gathering gathering = new Gathering();
    List<Destination> others = new ArrayList<>();
    for (Destination target : cast.targets()) {
      if (around.isHere(target)) {
        gathering.add(target, here(cast, target, deadline));
      } else {
        others.add(target);
      }
    }
    for (List<Destination> group : groups(others)) {
      gathering.add(handOver(cast, group, deadline));
    }
    return gathering.report();
  }

  private CompletableFuture<Receipt> here(MulticastBody cast, Destination target, long deadline) {
    CompletableFuture<Receipt> receipt = new CompletableFuture<>();
    PeerId self = around.view().self().id();
    Message message =
        new Message(cast.source(), target, cast.accessPoint(), cast.body(), Optional.empty());
    around.deliver(
        new Copy(message, deadline, cast.enqueued(), self, receipt),
        cast.permitted(),
        cast.serviceEpoch());
    return receipt;
  }

  private CompletableFuture<MulticastReport> handOver(
      MulticastBody cast, List<Destination> group, long deadline) {
    Duration left = Duration.ofNanos(Math.max(1_000_000, deadline - System.nanoTime()));
    if (cast.depth() >= MOST_STEPS) {
      return failed(
          group, new KitException(ErrorCode.NO_ROUTE, "it was handed on " + MOST_STEPS + " times"));
    }
    return around
        .call(group.get(0), ACCESS_POINT, cast.handedOn(group).encode(), left)
        .thenApply(reply -> whole(MulticastBody.report(reply), group))
        .exceptionallyCompose(
            thrown -> {
              KitException failure = KitException.from(thrown);
              boolean untouched =
                  failure.code().delivery() == dev.p2pkit.sdk.Delivery.NOT_DELIVERED;
              if (group.size() == 1 || !untouched) {
                return failed(group, failure);
              }
              Gathering single = new Gathering();
              for (Destination target : group) {
                single.add(handOver(cast, List.of(target), deadline));
              }
              return single.report();
            });
  }

  /** What a report does not mention is not known. */
  private static MulticastReport whole(MulticastReport report, List<Destination> group) {
    Map<Destination, KitException> failed = new LinkedHashMap<>(report.failed());
    for (Destination target : group) {
      if (!report.delivered().containsKey(target)) {
        failed.computeIfAbsent(
            target,
            missing ->
                new KitException(
                    ErrorCode.DELIVERY_UNKNOWN, "the report of its group does not mention it"));
      }
    }
    return new MulticastReport(report.delivered(), failed);
  }

  private static CompletableFuture<MulticastReport> failed(
      List<Destination> group, KitException failure) {
    Map<Destination, KitException> failed = new LinkedHashMap<>();
    group.forEach(target -> failed.put(target, failure));
    return CompletableFuture.completedFuture(new MulticastReport(Map.of(), failed));
  }

  /** Cuts targets, which are in the order of the ring, where the next peer on the way changes. */
  private List<List<Destination>> groups(List<Destination> targets) {
    List<List<Destination>> runs = new ArrayList<>();
    PeerId last = null;
    for (Destination target : targets) {
      PeerId next = nextPeer(target);
      if (!next.equals(last)) {
        runs.add(new ArrayList<>());
        last = next;
      }
      runs.get(runs.size() - 1).add(target);
    }
    if (runs.size() <= FAN_OUT) {
      return runs;
    }
    List<List<Destination>> groups = new ArrayList<>();
    for (int i = 0; i < FAN_OUT; i++) {
      List<Destination> group = new ArrayList<>();
      int upTo = (i + 1) * runs.size() / FAN_OUT;
      for (int run = i * runs.size() / FAN_OUT; run < upTo; run++) {
        group.addAll(runs.get(run));
      }
      groups.add(group);
    }
    return groups;
  }

  private PeerId nextPeer(Destination target) {
    RingView view = around.view();
    if (view.isExact(MulticastBody.position(target))) {
      return view.owner(MulticastBody.position(target)).id();
    }
    List<PeerRef> nearest = view.towards(MulticastBody.position(target), 1);
    return nearest.isEmpty() ? view.self().id() : nearest.get(0).id();
  }

  /** One target's copy on its way into an access point of this peer. */
  private record Copy(
      Message message,
      long deadlineNanos,
      boolean enqueuedIsEnough,
      PeerId self,
      CompletableFuture<Receipt> receipt)
      implements Incoming {
    @Override
    public void enqueued() {
      if (enqueuedIsEnough) {
        receipt.complete(new Receipt(self, Ack.ENQUEUED));
      }
    }

    @Override
    public void processed() {
      receipt.complete(new Receipt(self, Ack.PROCESSED));
    }

    @Override
    public void reply(Payload body) {
      processed();
    }

    @Override
    public void fail(ErrorCode code, String detail) {
      receipt.completeExceptionally(new KitException(code, detail));
    }
  }
}
