// A part of the ring.
package dev.p2pkit.sdk;

/**
 * A part of the ring: the keys behind {@code after} up to and with {@code upTo}, clockwise. If the
 * two are equal it is the whole ring.
 *
 * @param after where it begins; not part of it
 * @param upTo where it ends; part of it
 */
public record Arc(Key after, Key upTo) {
  /** Whether a key lies in it. */
  public boolean contains(Key key) {
    return key.isIn(after, upTo);
  }
}
