// A value, or an error code and a sentence.
package dev.p2pkit.peer.registry.timing;

import dev.p2pkit.sdk.ErrorCode;

/**
 * What came of something that may fail.
 *
 * @param <T> the value
 */
public sealed interface Result<T> {
  /** It went well. */
  record Value<T>(T value) implements Result<T> {}

  /** It failed. */
  record Failure<T>(ErrorCode code, String detail) implements Result<T> {}
}
