// A multicast made of single sends, for networks that have nothing better.
package dev.p2pkit.sdk;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Sends to each target by itself and gathers what became of it. */
final class OneByOne {
  private OneByOne() {}

  static CompletableFuture<MulticastReport> send(
      Network network,
      Collection<? extends Destination> targets,
      String accessPoint,
      Object message,
      SendOptions options) {
    Set<Destination> once = new LinkedHashSet<>(targets);
    if (once.size() > Network.MOST_TARGETS) {
      return failed(
          ErrorCode.QUOTA,
          "a multicast has at most " + Network.MOST_TARGETS + " targets, not " + once.size());
    }
    if (once.stream().anyMatch(target -> target instanceof Destination.OfSession)) {
      return failed(ErrorCode.PROTOCOL_ERROR, "a multicast goes to peers and keys only");
    }
    Payload body;
    try {
      body = Payload.of(message);
    } catch (IllegalArgumentException e) {
      return failed(ErrorCode.PROTOCOL_ERROR, String.valueOf(e.getMessage()));
    }
    Map<Destination, Receipt> delivered = new LinkedHashMap<>();
    Map<Destination, KitException> failed = new LinkedHashMap<>();
    List<CompletableFuture<?>> sent = new ArrayList<>(once.size());
    for (Destination target : once) {
      CompletableFuture<Receipt> one =
          target instanceof Destination.OfPeer peer
              ? network.sendPeer(peer.peer(), accessPoint, body, options)
              : network.sendKey(key(target), accessPoint, body, options);
      sent.add(
          one.handle(
              (receipt, thrown) -> {
                synchronized (delivered) {
                  if (thrown == null) {
                    delivered.put(target, receipt);
                  } else {
                    failed.put(target, KitException.from(thrown));
                  }
                }
                return target;
              }));
    }
    return CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new))
        .thenApply(
            done -> {
              synchronized (delivered) {
                return new MulticastReport(delivered, failed);
              }
            });
  }

  private static Key key(Destination target) {
    if (target instanceof Destination.OfKey of) {
      return of.key();
    }
    throw new IllegalArgumentException("no key: " + target);
  }

  static CompletableFuture<MulticastReport> toSuccessors(
      Network network,
      int count,
      boolean toMyself,
      String accessPoint,
      Object message,
      SendOptions options) {
    if (count < 0 || count > Network.MOST_SUCCESSORS) {
      return failed(
          ErrorCode.QUOTA,
          "a peer knows the next "
              + Network.MOST_SUCCESSORS
              + " peers after it, and "
              + count
              + " were asked for");
    }
    return network
        .info(network.peerId())
        .thenCompose(
            info -> {
              List<Destination> targets = new ArrayList<>();
              if (toMyself) {
                targets.add(new Destination.OfPeer(info.peer()));
              }
              info.successors().stream()
                  .limit(count)
                  .forEach(peer -> targets.add(new Destination.OfPeer(peer)));
              return network.multicast(targets, accessPoint, message, options);
            });
  }

  private static <T> CompletableFuture<T> failed(ErrorCode code, String detail) {
    return CompletableFuture.failedFuture(new KitException(code, detail));
  }
}
