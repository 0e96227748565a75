// Cuts answers into parts that fit into frames.
package dev.p2pkit.peer.gateway;

import dev.p2pkit.client.session.SessionCodec;
import dev.p2pkit.client.session.SessionMessage;
import dev.p2pkit.client.session.SessionMessage.Done;
import dev.p2pkit.client.session.SessionMessage.Failed;
import dev.p2pkit.client.session.SessionResult;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.PeerInfo;
import dev.p2pkit.sdk.ServiceStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The answers to one request, as messages with their sizes. */
final class Answers {
  private static final SessionCodec CODEC = new SessionCodec();

  /** How much of a list goes into one part, at least as it is first tried. */
  private static final int PART = 256;

  /** A message and the bytes it takes. */
  record Sized(SessionMessage message, int bytes) {}

  private Answers() {}

  /** The messages that answer a request with this result. */
  static List<Sized> of(long id, SessionResult result, int largest) {
    if (result instanceof SessionResult.Reply reply) {
      int bytes = reply.body().length();
      return List.of(
          bytes <= largest
              ? new Sized(new Done(id, true, result), bytes)
              : new Sized(tooLarge(id, bytes, largest), 0));
    }
    if (result instanceof SessionResult.Peers peers) {
      return parts(
          id, peers.peers(), (List<PeerInfo> some) -> new SessionResult.Peers(some), largest);
    }
    if (result instanceof SessionResult.Services services) {
      return parts(
          id,
          services.services(),
          (List<ServiceStatus> some) -> new SessionResult.Services(some),
          largest);
    }
    if (result instanceof SessionResult.Past past) {
      return parts(
          id, past.records(), (List<Payload> some) -> new SessionResult.Past(some), largest);
    }
    return parts(id, List.of(), none -> result, largest);
  }

  private static <T> List<Sized> parts(
      long id, List<T> items, Function<List<T>, SessionResult> wrap, int largest) {
    List<Sized> parts = new ArrayList<>();
    int from = 0;
    do {
      int count = Math.min(PART, items.size() - from);
      Sized part = part(id, items, from, count, wrap);
      while (part.bytes() > largest && count > 1) {
        count /= 2;
        part = part(id, items, from, count, wrap);
      }
      if (part.bytes() > largest) {
        // What has left before is dropped by the client together with the failure.
        parts.add(new Sized(tooLarge(id, part.bytes(), largest), 0));
        return parts;
      }
      parts.add(part);
      from += count;
    } while (from < items.size());
    return parts;
  }

  private static <T> Sized part(
      long id, List<T> items, int from, int count, Function<List<T>, SessionResult> wrap) {
    boolean last = from + count >= items.size();
    Done done = new Done(id, last, wrap.apply(items.subList(from, from + count)));
    WireWriter out = new WireWriter(256);
    CODEC.encode(done, out);
    return new Sized(done, out.size());
  }

  private static Failed tooLarge(long id, int bytes, int largest) {
    return new Failed(
        id,
        ErrorCode.MESSAGE_TOO_LARGE,
        "the answer has " + bytes + " bytes; a client can be sent at most " + largest);
  }
}
