// An answer that a machine waits for.
package dev.p2pkit.peer.registry.timing;

/**
 * Called once with the outcome of something that was asked for. A machine calls it from its own
 * thread. Whoever answers a machine may do so at once, from inside of the call that asked, or
 * later, but in either case on the machine's thread.
 *
 * @param <T> what came of it
 */
@FunctionalInterface
public interface Completion<T> {
  /**
   * The outcome.
   *
   * @param now the machine's time, in microseconds
   */
  void done(long now, T outcome);
}
