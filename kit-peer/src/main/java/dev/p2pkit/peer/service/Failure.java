// What a service threw, as text: keeping the exception would keep the service's class loader.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.KitException;

/** Turns exceptions of services into text. */
final class Failure {
  private static final int MAX_LENGTH = 300;

  private Failure() {}

  /** Class and message, of the innermost cause too, on one line of bounded length. */
  static String describe(Throwable thrown) {
    Throwable root = thrown;
    for (int depth = 0; depth < 32 && root.getCause() != null; depth++) {
      root = root.getCause();
    }
    String text = text(thrown);
    if (root != thrown) {
      text += ", caused by " + text(root);
    }
    text = text.replaceAll("\\p{Cntrl}", " ");
    return text.length() <= MAX_LENGTH ? text : text.substring(0, MAX_LENGTH) + "…";
  }

  private static String text(Throwable thrown) {
    try {
      if (thrown instanceof KitException kit) {
        return kit.detail();
      }
      return thrown instanceof SchemaPath.Blocked
          ? String.valueOf(thrown.getMessage())
          : thrown.getMessage() == null
              ? thrown.getClass().getName()
              : thrown.getClass().getName() + ": " + thrown.getMessage();
    } catch (RuntimeException e) {
      // getMessage() of the service's own exception failed, too.
      return thrown.getClass().getName();
    }
  }
}
