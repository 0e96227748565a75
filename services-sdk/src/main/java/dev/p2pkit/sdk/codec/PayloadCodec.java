// Encodes and decodes bodies and states; one codec for each class loader, because Kryo remembers
// the
// classes it has seen.
package dev.p2pkit.sdk.codec;

import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Encodes and decodes the bodies of messages and the states of services, for one class loader.
 * Thread-safe. Nothing but the codec itself keeps its classes alive.
 */
public final class PayloadCodec {
  private static final Logger LOG = LoggerFactory.getLogger(PayloadCodec.class);

  private static final int BYTES = 0;
  private static final int TREE = 1;
  private static final int KRYO = 2;

  /** The first byte of a state: the version of its layout. */
  private static final int STATE = 1;

  /** Kept with the class, so that neither outlives the other. */
  private static final ClassValue<PayloadCodec> CODECS =
      new ClassValue<>() {
        @Override
        protected PayloadCodec computeValue(Class<?> type) {
          return new PayloadCodec(type.getClassLoader(), type);
        }
      };

  private final @Nullable ClassLoader loader;
  private final @Nullable Class<?> owner;
  private final Map<String, Class<?>> known = new ConcurrentHashMap<>();

  private PayloadCodec(@Nullable ClassLoader loader, @Nullable Class<?> owner) {
    this.loader = loader;
    this.owner = owner;
  }

  /**
   * The codec for what a program reads as this type: KRYO bodies may name records and enums that
   * the type's class loader has loaded, other classes only of the type's own jar.
   */
  public static PayloadCodec of(Class<?> type) {
    return CODECS.get(type);
  }

  /**
   * The codec for the classes of a service: all that this loader has loaded itself. Keep it as long
   * as the service, and not longer: it remembers the classes it has found.
   */
  public static PayloadCodec forLoader(ClassLoader loader) {
    return new PayloadCodec(loader, null);
  }

  /**
   * Whether TREE can say this value so that reading it gives an equal one: null, booleans, numbers
   * of up to 64 bits, strings, bytes, instants, lists and maps of these.
   */
  public static boolean isTree(@Nullable Object value) {
    return isTree(value, 0);
  }

  private static boolean isTree(@Nullable Object value, int depth) {
    if (value == null
        || value instanceof String
        || value instanceof Boolean
        || value instanceof Long
        || value instanceof Integer
        || value instanceof Short
        || value instanceof Byte
        || value instanceof Double
        || value instanceof Float
        || value instanceof Instant
        || value instanceof byte[]) {
      return true;
    }
    if (depth == Limits.DEPTH) {
      throw Limits.tooDeep();
    }
    if (value instanceof List<?> list) {
      return list.stream().allMatch(element -> isTree(element, depth + 1));
    }
    return value instanceof Map<?, ?> map
        && map.keySet().stream()
            .allMatch(
                key ->
                    key instanceof String
                        || key instanceof Boolean
                        || key instanceof Instant
                        || (key instanceof Number && isTree(key, depth)))
        && map.values().stream().allMatch(element -> isTree(element, depth + 1));
  }

  /**
   * TREE bytes of a value, without the format byte. Records become maps of their components, enums
   * their names, sets lists, and JDK values such as UUID and Duration their text.
   *
   * @throws IllegalArgumentException if the value has parts without a TREE form, or contains itself
   */
  public static byte[] encodeTree(@Nullable Object value) {
    return TreeWriter.body(value);
  }

  /**
   * The plain value (null, Boolean, Long, Double, String, byte[], Instant, List, Map) of TREE bytes
   * without the format byte.
   *
   * @throws CodecException if they are none
   */
  public static @Nullable Object decodeTree(byte[] content) {
    return TreeReader.read(content, 0, Collisions.bounded());
  }

  /**
   * KRYO bytes of a value, without the format byte.
   *
   * @throws IllegalArgumentException if the value has parts that cannot be encoded, with their
   *     class and the fix
   */
  public static byte[] encodeKryo(@Nullable Object value) {
    return KryoFormat.write(value);
  }

  /**
   * The body (with its format byte) as a value of this type; null where the body says null.
   *
   * @throws CodecException if it is none
   */
  @SuppressWarnings({
    "unchecked", // bind gives a value of the boxed type
    "NullAway" // a body may say null, and then the caller's stage completes with null
  })
  public <T> T decode(byte[] body, Class<T> type) {
    return (T) decodeAny(body, type, Collisions.bounded());
  }

  private @Nullable Object decodeAny(byte[] body, Class<?> type, Collisions collisions) {
    if (body.length == 0) {
      throw new CodecException("a body begins with a format byte, but this one is empty");
    }
    return switch (body[0]) {
      case BYTES -> Binder.bind(Arrays.copyOfRange(body, 1, body.length), type, collisions);
      case TREE -> Binder.bind(TreeReader.read(body, 1, collisions), type, collisions);
      case KRYO -> Binder.bind(kryo(body, type, collisions), type, collisions);
      default -> throw new CodecException("no body format has the number " + body[0]);
    };
  }

  private @Nullable Object kryo(byte[] body, Class<?> type, Collisions collisions) {
    Object value =
        KryoFormat.read(body, 1, new KryoClasses(loader, owner, null, known, false), collisions);
    if (value instanceof PlainObject plain && !TreeMatcher.stands(plain, type)) {
      throw new CodecException(
          "the body is a "
              + Scalars.shorten(plain.className())
              + ", which is not known here, and no "
              + type.getSimpleName());
    }
    return value;
  }

  /** A message and the handler type that it was matched with. */
  public record Match(Class<?> type, Object message) {}

  /**
   * Decodes a body (with its format byte) as one of the types that a receiver handles: a KRYO body
   * by its class, a TREE map by {@link TreeMatcher}, any other value by the first type that takes
   * it as it is.
   *
   * @return empty if no type fits
   * @throws CodecException if the body cannot be read or several types fit a TREE map
   */
  public Optional<Match> match(byte[] body, Collection<? extends Class<?>> types) {
    Collisions collisions = Collisions.bounded();
    Object value =
        body.length > 0 && body[0] == KRYO
            ? KryoFormat.read(
                body, 1, new KryoClasses(loader, owner, null, known, false), collisions)
            : decodeAny(body, Object.class, collisions);
    if (value instanceof Map<?, ?> map) {
      Optional<Class<?>> found =
          map instanceof PlainObject plain
              ? TreeMatcher.find(plain, types)
              : TreeMatcher.find(map, types);
      if (found.isPresent() || map instanceof PlainObject) {
        return found.map(
            type -> new Match(type, Objects.requireNonNull(Binder.bind(map, type, collisions))));
      }
    }
    return value == null ? Optional.empty() : instance(value, types);
  }

  private static Optional<Match> instance(Object value, Collection<? extends Class<?>> types) {
    for (Class<?> type : types) {
      if (Scalars.boxed(type) == value.getClass()) {
        return Optional.of(new Match(type, value));
      }
    }
    for (Class<?> type : types) {
      if (Scalars.boxed(type).isInstance(value)) {
        return Optional.of(new Match(type, value));
      }
    }
    if (value instanceof Number) {
      for (Class<?> type : types) {
        if (Number.class.isAssignableFrom(Scalars.boxed(type))) {
          try {
            return Optional.of(new Match(type, Scalars.to(value, type)));
          } catch (CodecException e) {
            LOG.trace("tried the next type", e);
          }
        }
      }
    }
    return Optional.empty();
  }

  /**
   * The state of a service as bytes that {@link #decodeState} and {@link #decodeTreeView} read: it
   * names classes, components and values.
   *
   * @throws IllegalArgumentException as {@link #encodeKryo}
   */
  public byte[] encodeState(Object state) {
    byte[] content = KryoFormat.write(state);
    byte[] encoded = new byte[content.length + 1];
    encoded[0] = STATE;
    System.arraycopy(content, 0, encoded, 1, content.length);
    return encoded;
  }

  /**
   * Reads a state, by name: components that the class no longer has are skipped, new ones get zero
   * or null. The class may have been renamed.
   *
   * @throws CodecException if the bytes are no such state
   */
  public <S> S decodeState(byte[] state, Class<S> type) {
    checkState(state);
    Collisions collisions = Collisions.unbounded();
    Object value =
        KryoFormat.read(state, 1, new KryoClasses(loader, owner, type, known, false), collisions);
    @SuppressWarnings("unchecked") // bind gives a value of the boxed type
    S bound = (S) Binder.bind(value, type, collisions);
    if (bound == null) {
      throw new CodecException("a state is never null");
    }
    return bound;
  }

  /**
   * A state as a plain value (null, Boolean, Long, Double, String, byte[], Instant, List, Map),
   * without any of its classes.
   *
   * @throws CodecException if the bytes are no state
   */
  public @Nullable Object decodeTreeView(byte[] state) {
    checkState(state);
    return PlainView.of(
        KryoFormat.read(
            state,
            1,
            new KryoClasses(null, null, null, new HashMap<>(), true),
            Collisions.unbounded()));
  }

  /**
   * What a step between two schemas has made, as a state of this type: by the names of components,
   * like {@link #decodeState}. Records in it count as maps of their components.
   *
   * @throws CodecException if it does not fit
   */
  public <S> S bindState(@Nullable Object plain, Class<S> type) {
    @SuppressWarnings("unchecked") // bind gives a value of the boxed type
    S bound = (S) Binder.bind(PlainView.of(plain), type, Collisions.unbounded());
    if (bound == null) {
      throw new CodecException("a state is never null");
    }
    return bound;
  }

  /**
   * What is wrong with the declared parts of a state's type: the first field that no value could be
   * encoded for, with the fix; empty if there is none.
   */
  public static Optional<String> unfitPart(Class<?> state) {
    return StateParts.unfit(state);
  }

  private static void checkState(byte[] state) {
    if (state.length == 0 || state[0] != STATE) {
      throw new CodecException("an encoded state begins with its version, which is " + STATE);
    }
  }
}
