// Tells whether the JVM has unloaded classes since a moment.
package dev.p2pkit.peer.service;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.ref.WeakReference;

/**
 * A class that nobody refers to. Collections that leave classes alone, as those of the young
 * generation do, leave it alone, too: when it is gone, all classes that could go at this moment are
 * gone. Thread-safe.
 */
final class UnloadingProbe {
  private static final byte[] CODE = code();

  private final WeakReference<Class<?>> probe;

  /** What is there to be unloaded at present is gone when {@link #isOver} says so. */
  UnloadingProbe() {
    try {
      probe =
          new WeakReference<>(MethodHandles.lookup().defineHiddenClass(CODE, false).lookupClass());
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("a class may define others beside itself", e);
    }
  }

  /** Whether the JVM has unloaded classes since. */
  boolean isOver() {
    return probe.refersTo(null);
  }

  private static byte[] code() {
    String name = Nothing.class.getName();
    String file = name.substring(name.lastIndexOf('.') + 1) + ".class";
    try (InputStream in = UnloadingProbe.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException("the class path lacks " + file);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the probes are copies of. */
  private static final class Nothing {}
}
