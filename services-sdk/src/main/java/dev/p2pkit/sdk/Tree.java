// A neutral view of a state: what upgrades and downgrades read and make where a class is gone.
package dev.p2pkit.sdk;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A value as names and plain values, without its class: how {@link ServiceDescriptor} shows the
 * state of an older version, and how a state goes back to one. Immutable.
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

  /**
   * The same with another value of one component, which is added if there was none.
   *
   * @param plain as for {@link #of}
   */
  public Tree with(String name, @Nullable Object plain) {
    Map<Object, @Nullable Object> parts = parts();
    parts.put(name, plain instanceof Tree tree ? tree.value : plain);
    return new Tree(parts);
  }

  /** The same without one component, if there was one. */
  public Tree without(String name) {
    Map<Object, @Nullable Object> parts = parts();
    parts.remove(name);
    return new Tree(parts);
  }

  /** The same with another name of one component, if there was one. */
  public Tree rename(String from, String to) {
    return value instanceof Map<?, ?> map && map.containsKey(from)
        ? without(from).with(to, map.get(from))
        : this;
  }

  private Map<Object, @Nullable Object> parts() {
    if (!(value instanceof Map<?, ?> map)) {
      throw new KitException(
          ErrorCode.MIGRATION_FAILED, "the old state has no components but is a single value");
    }
    return new LinkedHashMap<>(map);
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
