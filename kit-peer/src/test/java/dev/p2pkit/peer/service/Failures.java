// What a stage failed with.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.KitException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** Unwraps failures. */
final class Failures {
  private Failures() {}

  static KitException of(CompletableFuture<?> stage) {
    try {
      Object value = stage.orTimeout(30, TimeUnit.SECONDS).join();
      throw new AssertionError("it succeeded with " + value);
    } catch (CompletionException e) {
      return KitException.from(e);
    }
  }
}
