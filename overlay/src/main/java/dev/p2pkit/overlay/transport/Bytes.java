// Bytes that records can hold: equal if their contents are.
package dev.p2pkit.overlay.transport;

import java.util.Arrays;

/** An immutable run of bytes, equal to another with the same content. */
final class Bytes {
  static final Bytes EMPTY = new Bytes(new byte[0]);

  private final byte[] value;

  /** Takes the array over; nobody else may change it. */
  Bytes(byte[] value) {
    this.value = value;
  }

  /** The array itself; not to be changed. */
  byte[] value() {
    return value;
  }

  int length() {
    return value.length;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Bytes that && Arrays.equals(value, that.value);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(value);
  }

  @Override
  public String toString() {
    return value.length + " bytes";
  }
}
