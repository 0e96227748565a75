// The one exception of the API: an error code and a sentence that names the fix.
package dev.p2pkit.sdk;

import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/**
 * A failed operation. The stages of the API complete with it; it carries no stack trace of a remote
 * peer.
 */
public final class KitException extends RuntimeException {
  /** What kind of failure. */
  private final ErrorCode code;

  /** What was wrong. */
  private final String detail;

  /**
   * A failure.
   *
   * @param code what kind of failure
   * @param detail one sentence that says what was wrong and, where there is one, the fix
   */
  public KitException(ErrorCode code, String detail) {
    super(code + ": " + detail);
    this.code = code;
    this.detail = detail;
  }

  /** As above, with the cause. */
  public KitException(ErrorCode code, String detail, Throwable cause) {
    super(code + ": " + detail, cause);
    this.code = code;
    this.detail = detail;
  }

  /** What kind of failure. */
  public ErrorCode code() {
    return code;
  }

  /** What was wrong, without the code. */
  public String detail() {
    return detail;
  }

  /**
   * The failure inside of what a stage or {@link java.util.concurrent.Future#get} threw; anything
   * foreign becomes {@link ErrorCode#PROTOCOL_ERROR}.
   */
  public static KitException from(Throwable thrown) {
    Throwable cause = thrown;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause instanceof KitException kit
        ? kit
        : new KitException(ErrorCode.PROTOCOL_ERROR, String.valueOf(cause), cause);
  }
}
