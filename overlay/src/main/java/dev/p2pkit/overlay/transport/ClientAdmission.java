// Whether a client is let in.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.sdk.ErrorCode;

/** The answer to a client's greeting. */
public sealed interface ClientAdmission {
  /** The client may come in. */
  record Accepted() implements ClientAdmission {}

  /**
   * The client may not come in.
   *
   * @param code what its connect fails with
   * @param detail one sentence that names the fix, at most 1,000 characters
   */
  record Refused(ErrorCode code, String detail) implements ClientAdmission {}

  /** The client may come in. */
  static ClientAdmission accept() {
    return new Accepted();
  }

  /** The client may not come in. */
  static ClientAdmission refuse(ErrorCode code, String detail) {
    return new Refused(code, detail);
  }
}
