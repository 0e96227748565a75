// The body of a message: a format byte and opaque bytes, decoded only when somebody asks.
package dev.p2pkit.sdk;

import dev.p2pkit.sdk.codec.BytesValue;
import dev.p2pkit.sdk.codec.CodecException;
import dev.p2pkit.sdk.codec.PayloadCodec;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The body of a message. The first byte names the format; see {@code docs/formats.md}. Immutable,
 * decoded lazily.
 *
 * <p>Thread-safe.
 */
public final class Payload implements BytesValue {
  /** How the bytes after the format byte are to be read. */
  public enum Format {
    /** Opaque bytes. */
    BYTES,
    /**
     * Null, boolean, integer, double, string, bytes, list, map, instant: what every language can
     * read.
     */
    TREE,
    /** Java objects, by class and field name. */
    KRYO;

    private static final Format[] ALL = values();

    static Format of(int code) {
      if (code < 0 || code >= ALL.length) {
        throw new KitException(
            ErrorCode.PROTOCOL_ERROR,
            "a body begins with 0 (BYTES), 1 (TREE) or 2 (KRYO), not " + code);
      }
      return ALL[code];
    }
  }

  private final byte[] encoded;

  private Payload(byte[] encoded) {
    this.encoded = encoded;
  }

  /** A body of opaque bytes. */
  public static Payload bytes(byte[] content) {
    return framed(Format.BYTES, content);
  }

  /**
   * A TREE body: what the command line and clients in other languages send. Records become maps of
   * their components.
   *
   * @throws IllegalArgumentException if the value has parts that TREE does not know
   */
  public static Payload tree(@Nullable Object value) {
    return framed(Format.TREE, PayloadCodec.encodeTree(value));
  }

  /**
   * The body for a value as a Java program passes it: a payload as it is, {@code byte[]} as BYTES,
   * what TREE can say exactly (strings, numbers, lists, maps …) as TREE, everything else as KRYO.
   *
   * @throws IllegalArgumentException if the value cannot be encoded
   */
  public static Payload of(@Nullable Object value) {
    if (value instanceof Payload payload) {
      return payload;
    }
    if (value instanceof byte[] content) {
      return bytes(content);
    }
    return PayloadCodec.isTree(value)
        ? tree(value)
        : framed(Format.KRYO, PayloadCodec.encodeKryo(value));
  }

  /** The value in a given format; a reply uses the format of its request. */
  public static Payload of(@Nullable Object value, Format format) {
    if (value instanceof Payload payload) {
      return payload;
    }
    return switch (format) {
      case TREE -> tree(value);
      case KRYO -> framed(Format.KRYO, PayloadCodec.encodeKryo(value));
      case BYTES -> of(value);
    };
  }

  /**
   * Takes bytes as they came from the wire, without a copy; the caller must not change them
   * afterwards.
   *
   * @throws KitException with {@link ErrorCode#PROTOCOL_ERROR} if the format byte is missing or
   *     unknown
   */
  public static Payload fromWire(byte[] encoded) {
    if (encoded.length == 0) {
      throw new KitException(
          ErrorCode.PROTOCOL_ERROR, "a body begins with a format byte, but this one is empty");
    }
    Format.of(encoded[0]);
    return new Payload(encoded);
  }

  private static Payload framed(Format format, byte[] content) {
    byte[] encoded = new byte[content.length + 1];
    encoded[0] = (byte) format.ordinal();
    System.arraycopy(content, 0, encoded, 1, content.length);
    return new Payload(encoded);
  }

  /** The format. */
  public Format format() {
    return Format.of(encoded[0]);
  }

  /** The bytes after the format byte, a copy. */
  public byte[] content() {
    return Arrays.copyOfRange(encoded, 1, encoded.length);
  }

  /** Format byte and content, not a copy: do not change it. */
  @Override
  public byte[] toWire() {
    return encoded;
  }

  /** The length on the wire, in bytes. */
  public int length() {
    return encoded.length;
  }

  /**
   * The body as a value of this type; for {@code Payload} itself, undecoded. Records are read from
   * TREE and KRYO alike, by component name; classes named inside of a KRYO body are looked up with
   * the class loader of {@code type}.
   *
   * @throws KitException with {@link ErrorCode#PROTOCOL_ERROR} if the body is not one
   */
  public <T> T as(Class<T> type) {
    if (type == Payload.class) {
      return type.cast(this);
    }
    try {
      return PayloadCodec.of(type).decode(encoded, type);
    } catch (CodecException e) {
      throw new KitException(ErrorCode.PROTOCOL_ERROR, String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Payload payload && Arrays.equals(encoded, payload.encoded);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(encoded);
  }

  @Override
  public String toString() {
    int shown = Math.min(encoded.length, 17);
    return format()
        + "["
        + (encoded.length - 1)
        + " bytes: "
        + HexFormat.of().formatHex(encoded, 1, shown)
        + (shown < encoded.length ? "…" : "")
        + "]";
  }
}
