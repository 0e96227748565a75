// Why a connection has ended.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.transport.LinkFrame.Goodbye;
import dev.p2pkit.overlay.transport.LinkFrame.Reason;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;

/**
 * Why a connection has ended.
 *
 * @param kind what a dialler makes of it
 * @param code what an operation that waited for it fails with
 * @param detail one sentence
 */
record Closure(Kind kind, ErrorCode code, String detail) {
  enum Kind {
    /** Nobody listens there. */
    REFUSED,
    /** Gone or silent; nothing is known. */
    LOST,
    /** This process had too much to do to try; nothing is known. */
    BUSY,
    /** There is another link to the same peer. */
    DUPLICATE,
    /** It is somebody else, or we are not let in. */
    REJECTED,
    /** This side has ended it in good order. */
    CLOSED_HERE
  }

  static Closure lost(String detail) {
    return new Closure(Kind.LOST, ErrorCode.NO_ROUTE, detail);
  }

  /** Too many handshakes wait in this process already. */
  static Closure busy(Endpoint endpoint, int most) {
    return new Closure(
        Kind.BUSY,
        ErrorCode.BUSY,
        endpoint
            + " was not dialled: of the handshakes that may wait in this process, "
            + most
            + ", too many do already; try again later");
  }

  static Closure rejected(KitException why) {
    return new Closure(Kind.REJECTED, why.code(), why.detail());
  }

  static Closure rejected(ErrorCode code, String detail) {
    return new Closure(Kind.REJECTED, code, detail);
  }

  static Closure duplicate() {
    return new Closure(Kind.DUPLICATE, ErrorCode.NO_ROUTE, "there is another link");
  }

  /** A later process of the same identity has taken its place. */
  static Closure replacedBy(PeerRef later) {
    return rejected(
        ErrorCode.ADDRESS_IN_USE,
        "a process with this identity that was started later is at "
            + later.endpoint()
            + "; stop one of the two, or give it a data directory of its own");
  }

  /** What the other side's last words mean. */
  static Closure of(Goodbye goodbye) {
    ErrorCode code = ErrorCode.PROTOCOL_ERROR;
    for (ErrorCode each : ErrorCode.values()) {
      if (each.name().equals(goodbye.code())) {
        code = each;
      }
    }
    String detail = "the other side closed the link: " + goodbye.detail();
    return switch (goodbye.reason()) {
      case CLOSED, IDLE -> new Closure(Kind.LOST, ErrorCode.CLOSED, detail);
      case DUPLICATE -> new Closure(Kind.DUPLICATE, ErrorCode.NO_ROUTE, detail);
      case SUPERSEDED, REVOKED -> new Closure(Kind.REJECTED, ErrorCode.UNAUTHORISED, detail);
      case REFUSED ->
          code == ErrorCode.BUSY
              ? new Closure(Kind.LOST, code, detail)
              : new Closure(Kind.REJECTED, code, goodbye.detail());
    };
  }

  /** How this side tells the other. */
  Goodbye goodbye() {
    Reason reason =
        switch (kind) {
          case DUPLICATE -> Reason.DUPLICATE;
          case REJECTED -> Reason.REFUSED;
          case REFUSED, LOST, BUSY, CLOSED_HERE -> Reason.CLOSED;
        };
    return new Goodbye(reason, code.name(), detail);
  }

  KitException exception() {
    return new KitException(code, detail);
  }
}
