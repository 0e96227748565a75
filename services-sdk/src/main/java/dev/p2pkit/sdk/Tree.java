// A neutral view of old state: what an upgrade reads when the old class is gone.
package dev.p2pkit.sdk;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A value as names and plain values, without its class: how {@link ServiceDescriptor} shows the
 * state of an older version. Immutable.
 */
public final class Tree {
  private final @Nullable Object value;

  private Tree(@Nullable Object value) {
    this.value = value;
  }

  /**
   * A view of a plain value: null, Boolean, Long, Double, String, byte[], Instant, List or Map of
   * these.
   */
  public static Tree of(@Nullable Object plain) {
    return new Tree(plain);
  }

  /** The plain value itself. */
  public @Nullable Object value() {
    return value;
  }

  /** Whether there is a component of this name that is not null. */
  public boolean has(String name) {
    return value instanceof Map<?, ?> map && map.get(name) != null;
  }

  /** The component of this name, empty if there is none. */
  public Optional<Tree> get(String name) {
    Object found = value instanceof Map<?, ?> map ? map.get(name) : null;
    return found == null ? Optional.empty() : Optional.of(new Tree(found));
  }

  /** A whole number. */
  public long getLong(String name) {
    return component(name, Number.class).longValue();
  }

  /** A floating-point number. */
  public double getDouble(String name) {
    return component(name, Number.class).doubleValue();
  }

  /** A truth value. */
  public boolean getBoolean(String name) {
    return component(name, Boolean.class);
  }

  /** A string. */
  public String getString(String name) {
    return component(name, String.class);
  }

  /** A moment. */
  public Instant getInstant(String name) {
    return component(name, Instant.class);
  }

  /** A list of plain values. */
  public List<?> getList(String name) {
    return component(name, List.class);
  }

  /** A map of plain values. */
  public Map<?, ?> getMap(String name) {
    return component(name, Map.class);
  }

  private <T> T component(String name, Class<T> type) {
    Object found = value instanceof Map<?, ?> map ? map.get(name) : null;
    if (!type.isInstance(found)) {
      throw new KitException(
          ErrorCode.MIGRATION_FAILED,
          "the old state has no '"
              + name
              + "' that is a "
              + type.getSimpleName()
              + (found == null ? "" : " but a " + found.getClass().getSimpleName()));
    }
    return type.cast(found);
  }

  @Override
  public String toString() {
    return String.valueOf(value);
  }
}
