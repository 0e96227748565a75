// Tells whether a state can be kept by reference, or must be copied to survive a failed turn.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.Address;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.PeerId;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Recognises values that nobody can change: values of the JDK, enums, the immutable collections of
 * {@code List.of} and its kind, and records of such. What it does not know counts as mutable. One
 * for each version of a service, because it remembers classes. Not thread-safe.
 */
final class Immutability {
  private static final Set<Class<?>> VALUES =
      Set.of(
          String.class,
          Boolean.class,
          Byte.class,
          Short.class,
          Character.class,
          Integer.class,
          Long.class,
          Float.class,
          Double.class,
          java.math.BigInteger.class,
          java.math.BigDecimal.class,
          java.util.UUID.class,
          java.net.URI.class,
          java.time.Instant.class,
          java.time.Duration.class,
          java.time.LocalDate.class,
          java.time.LocalTime.class,
          java.time.LocalDateTime.class,
          Key.class,
          PeerId.class,
          Address.class,
          Payload.class);
  private static final int MAX_DEPTH = 64;

  private final Map<Class<?>, Shape> shapes = new HashMap<>();

  /** How a record is read, and whether its type alone says that it cannot change. */
  private record Shape(boolean always, List<MethodHandle> accessors) {}

  boolean isImmutable(Object value) {
    return isImmutable(value, 0);
  }

  private boolean isImmutable(@Nullable Object value, int depth) {
    if (value == null || value instanceof Enum || isValue(value.getClass())) {
      return true;
    }
    if (depth > MAX_DEPTH) {
      return false;
    }
    if (value instanceof Record) {
      Shape shape = shape(value.getClass());
      return shape.always() || componentsAre(value, shape, depth);
    }
    if (value instanceof Optional<?> optional) {
      return optional.isEmpty() || isImmutable(optional.get(), depth + 1);
    }
    if (!value.getClass().getName().startsWith("java.util.ImmutableCollections$")) {
      return false;
    }
    if (value instanceof Map<?, ?> map) {
      return allAre(map.keySet(), depth) && allAre(map.values(), depth);
    }
    return value instanceof Collection<?> collection && allAre(collection, depth);
  }

  private boolean allAre(Collection<?> values, int depth) {
    for (Object value : values) {
      if (!isImmutable(value, depth + 1)) {
        return false;
      }
    }
    return true;
  }

  private boolean componentsAre(Object owner, Shape shape, int depth) {
    try {
      for (MethodHandle accessor : shape.accessors()) {
        if (!isImmutable(accessor.invoke(owner), depth + 1)) {
          return false;
        }
      }
      return true;
    } catch (Throwable e) {
      // An accessor that cannot be called: then it is safer to copy.
      return false;
    }
  }

  private static boolean isValue(Class<?> type) {
    return type.isPrimitive() || type.isEnum() || VALUES.contains(type);
  }

  private Shape shape(Class<?> type) {
    Shape known = shapes.get(type);
    if (known == null) {
      known = describe(type);
      shapes.put(type, known);
    }
    return known;
  }

  private static Shape describe(Class<?> type) {
    boolean always = true;
    List<MethodHandle> accessors = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      if (!isValue(component.getType())) {
        always = false;
        try {
          Method accessor = component.getAccessor();
          accessor.setAccessible(true);
          accessors.add(MethodHandles.lookup().unreflect(accessor));
        } catch (IllegalAccessException e) {
          throw new IllegalStateException("an accessor that was made accessible is not", e);
        }
      }
    }
    return new Shape(always, List.copyOf(accessors));
  }
}
