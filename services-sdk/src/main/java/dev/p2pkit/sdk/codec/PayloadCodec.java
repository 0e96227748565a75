// Encodes and decodes bodies; one codec for each class loader, because Kryo remembers the classes
// it has seen.
package dev.p2pkit.sdk.codec;

import org.jspecify.annotations.Nullable;

/** Encodes and decodes the bodies of messages. */
public final class PayloadCodec {
  private PayloadCodec() {}

  /** The codec for the class loader of this type. */
  public static PayloadCodec of(Class<?> type) {
    return new PayloadCodec();
  }

  /** Whether TREE can say this value exactly. */
  public static boolean isTree(@Nullable Object value) {
    return value == null;
  }

  /** TREE bytes of a value, without the format byte. */
  public static byte[] encodeTree(@Nullable Object value) {
    if (value != null) {
      throw new IllegalArgumentException("not there yet");
    }
    return new byte[0];
  }

  /** KRYO bytes of a value, without the format byte. */
  public static byte[] encodeKryo(@Nullable Object value) {
    if (value != null) {
      throw new IllegalArgumentException("not there yet");
    }
    return new byte[0];
  }

  /** The body (with its format byte) as a value of this type. */
  public <T> T decode(byte[] body, Class<T> type) {
    if (body.length > 0) {
      throw new CodecException("not there yet");
    }
    return type.cast(body);
  }
}
