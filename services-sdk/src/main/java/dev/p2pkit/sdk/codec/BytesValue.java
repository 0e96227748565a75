// Values that KRYO writes as bytes.
package dev.p2pkit.sdk.codec;

/**
 * A value that KRYO writes as the bytes it travels as and reads with the public static method
 * {@code fromWire(byte[])} of its class: payloads, so that a message can hold another.
 */
public interface BytesValue {
  /** The bytes it travels as; not a copy. */
  byte[] toWire();
}
