// How a request of a client ended.
package dev.p2pkit.client.session;

import dev.p2pkit.sdk.ErrorCode;
import java.util.List;

/** How a request ended. */
public sealed interface Outcome {
  /**
   * It was answered.
   *
   * @param parts at least one; a long list comes in several
   */
  record Answered(List<SessionResult> parts) implements Outcome {
    /** Copies the list. */
    public Answered {
      parts = List.copyOf(parts);
    }
  }

  /** It failed. */
  record Failed(ErrorCode code, String detail) implements Outcome {}
}
