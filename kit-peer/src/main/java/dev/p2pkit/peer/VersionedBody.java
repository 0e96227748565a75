// The body of a message that names the version of the service that is to process it.
package dev.p2pkit.peer;

import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.overlay.routing.Envelope;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.SendOptions;
import java.util.Optional;

/**
 * A payload, with a version, as a text, before it if the message is {@link Mark#VERSIONED}.
 *
 * @param version the only version that may process it; empty for any
 * @param payload the message
 */
record VersionedBody(Optional<String> version, Payload payload) {
  /** The flag that the message needs. */
  int flag() {
    return Mark.VERSIONED.bitIf(version.isPresent());
  }

  byte[] encode() {
    byte[] content = payload.toWire();
    if (version.isEmpty()) {
      return content;
    }
    WireWriter out = new WireWriter(content.length + SendOptions.MAX_VERSION + 2);
    return out.text(version.get()).raw(content, 0, content.length).toBytes();
  }

  /**
   * Reads the body of a message, its header for repetitions taken off; what is none is a {@link
   * ErrorCode#PROTOCOL_ERROR}.
   */
  static VersionedBody of(Envelope envelope, byte[] body) {
    if (!Mark.VERSIONED.isOn(envelope)) {
      return new VersionedBody(Optional.empty(), Payload.fromWire(body));
    }
    try {
      WireReader in = new WireReader(body);
      String version = in.text(SendOptions.MAX_VERSION);
      return new VersionedBody(Optional.of(version), Payload.fromWire(in.rest()));
    } catch (WireException e) {
      throw new KitException(
          ErrorCode.PROTOCOL_ERROR, "a message that cannot be read: " + e.getMessage(), e);
    }
  }
}
