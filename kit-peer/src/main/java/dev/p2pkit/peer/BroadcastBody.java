// The payload of a broadcast of programs and services.
package dev.p2pkit.peer;

import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.sdk.Address;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.SendOptions;
import java.util.Optional;

/**
 * What is sent to an access point of every peer.
 *
 * @param accessPoint where it arrives
 * @param fromClient whether a client sent it
 * @param permitted whether the sender may call the service, if that is restricted
 * @param serviceEpoch the epoch of the service that the sender knows, 0 if none
 * @param version the only version of the service that may process it; empty for any
 * @param body the message
 */
record BroadcastBody(
    String accessPoint,
    boolean fromClient,
    boolean permitted,
    long serviceEpoch,
    Optional<String> version,
    Payload body) {
  private static final int FROM_CLIENT = 1;
  private static final int PERMITTED = 2;
  private static final int HEADER = 1_100;

  byte[] encode() {
    byte[] content = body.toWire();
    WireWriter out = new WireWriter(content.length + HEADER);
    out.u8((fromClient ? FROM_CLIENT : 0) | (permitted ? PERMITTED : 0))
        .i64(serviceEpoch)
        .text(accessPoint);
    out.text(version.orElse("")).raw(content, 0, content.length);
    return out.toBytes();
  }

  /** Reads it; what is not one is a {@link ErrorCode#PROTOCOL_ERROR}. */
  static BroadcastBody decode(byte[] payload) {
    try {
      WireReader in = new WireReader(payload);
      int marks = in.u8();
      if (marks > (FROM_CLIENT | PERMITTED)) {
        throw new WireException("unknown marks " + marks);
      }
      long epoch = in.i64();
      String accessPoint = in.text(HEADER - 64);
      if (accessPoint.isEmpty() || accessPoint.length() > Address.MAX_ACCESS_POINT) {
        throw new WireException("an access point of " + accessPoint.length() + " characters");
      }
      String version = in.text(SendOptions.MAX_VERSION);
      return new BroadcastBody(
          accessPoint,
          (marks & FROM_CLIENT) != 0,
          (marks & PERMITTED) != 0,
          epoch,
          version.isEmpty() ? Optional.empty() : Optional.of(version),
          Payload.fromWire(in.rest()));
    } catch (WireException e) {
      throw new KitException(
          ErrorCode.PROTOCOL_ERROR, "a broadcast that cannot be read: " + e.getMessage(), e);
    }
  }
}
