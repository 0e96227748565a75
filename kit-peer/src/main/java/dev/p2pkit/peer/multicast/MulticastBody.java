// A multicast on the wire, and what became of it.
package dev.p2pkit.peer.multicast;

import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.sdk.Ack;
import dev.p2pkit.sdk.Address;
import dev.p2pkit.sdk.Destination;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.MulticastReport;
import dev.p2pkit.sdk.Network;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.Receipt;
import dev.p2pkit.sdk.Source;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One message for several targets.
 *
 * @param source who sends it; a client is not named
 * @param accessPoint where it arrives at each target
 * @param permitted whether the sender may call the service, if that is restricted
 * @param serviceEpoch the epoch of the service that the sender knows, 0 if none
 * @param enqueued whether it counts as acknowledged when it is in the mailbox
 * @param depth how often it has been handed on
 * @param targets in the order of the ring
 * @param body the message
 */
record MulticastBody(
    Source source,
    String accessPoint,
    boolean permitted,
    long serviceEpoch,
    boolean enqueued,
    int depth,
    List<Destination> targets,
    Payload body) {
  private static final int TEXT = 3 * Address.MAX_ACCESS_POINT;
  private static final int LEAST_TARGET = 1 + Key.BYTES;

  /** The same for some of the targets, one step further. */
  MulticastBody handedOn(List<Destination> some) {
    return new MulticastBody(
        source, accessPoint, permitted, serviceEpoch, enqueued, depth + 1, List.copyOf(some), body);
  }

  Payload encode() {
    byte[] content = body.toWire();
    WireWriter out = new WireWriter(content.length + LEAST_TARGET * targets.size() + 256);
    out.bool(source instanceof Source.OfPeer);
    if (source instanceof Source.OfPeer peer) {
      out.peer(peer.peer());
    }
    out.text(accessPoint)
        .bool(permitted)
        .i64(serviceEpoch)
        .bool(enqueued)
        .u8(depth)
        .i32(targets.size());
    targets.forEach(target -> write(target, out));
    out.raw(content, 0, content.length);
    return Payload.bytes(out.toBytes());
  }

  static MulticastBody decode(Payload payload) {
    try {
      WireReader in = new WireReader(payload.content());
      Source source = in.bool() ? new Source.OfPeer(in.peer()) : new Source.OfClient();
      String accessPoint = in.text(TEXT);
      if (accessPoint.isEmpty() || accessPoint.length() > Address.MAX_ACCESS_POINT) {
        throw new WireException("an access point of " + accessPoint.length() + " characters");
      }
      boolean permitted = in.bool();
      long epoch = in.i64();
      boolean enqueued = in.bool();
      int depth = in.u8();
      int count = in.count(Network.MOST_TARGETS, LEAST_TARGET);
      List<Destination> targets = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        targets.add(target(in));
      }
      return new MulticastBody(
          source,
          accessPoint,
          permitted,
          epoch,
          enqueued,
          depth,
          targets,
          Payload.fromWire(in.rest()));
    } catch (WireException e) {
      throw new KitException(
          ErrorCode.PROTOCOL_ERROR, "a multicast that cannot be read: " + e.getMessage(), e);
    }
  }

  private static void write(Destination target, WireWriter out) {
    out.bool(target instanceof Destination.OfKey).key(position(target));
  }

  private static Destination target(WireReader in) {
    return in.bool()
        ? new Destination.OfKey(in.key())
        : new Destination.OfPeer(new PeerId(in.key()));
  }

  /** Where a target lies on the ring. */
  static Key position(Destination target) {
    if (target instanceof Destination.OfKey of) {
      return of.key();
    } else if (target instanceof Destination.OfPeer of) {
      return of.peer().position();
    }
    throw new KitException(ErrorCode.PROTOCOL_ERROR, "a multicast goes to peers and keys only");
  }

  static Payload encode(MulticastReport report) {
    WireWriter out = new WireWriter(256);
    out.i32(report.delivered().size());
    report
        .delivered()
        .forEach(
            (target, receipt) -> {
              write(target, out);
              out.peer(receipt.peer()).bool(receipt.ack() == Ack.PROCESSED);
            });
    out.i32(report.failed().size());
    report
        .failed()
        .forEach(
            (target, failure) -> {
              write(target, out);
              out.errorCode(failure.code()).text(shortened(failure.detail()));
            });
    return Payload.bytes(out.toBytes());
  }

  private static String shortened(String detail) {
    return detail.length() <= 200 ? detail : detail.substring(0, 200) + "…";
  }

  static MulticastReport report(Payload payload) {
    try {
      WireReader in = new WireReader(payload.content());
      Map<Destination, Receipt> delivered = new LinkedHashMap<>();
      for (int left = in.count(Network.MOST_TARGETS, LEAST_TARGET); left > 0; left--) {
        Destination target = target(in);
        delivered.put(target, new Receipt(in.peer(), in.bool() ? Ack.PROCESSED : Ack.ENQUEUED));
      }
      Map<Destination, KitException> failed = new LinkedHashMap<>();
      for (int left = in.count(Network.MOST_TARGETS, LEAST_TARGET); left > 0; left--) {
        Destination target = target(in);
        failed.put(
            target, new KitException(in.errorCode(ErrorCode.DELIVERY_UNKNOWN), in.text(1_024)));
      }
      return new MulticastReport(delivered, failed);
    } catch (WireException e) {
      throw new KitException(
          ErrorCode.DELIVERY_UNKNOWN, "a report that cannot be read: " + e.getMessage(), e);
    }
  }
}
