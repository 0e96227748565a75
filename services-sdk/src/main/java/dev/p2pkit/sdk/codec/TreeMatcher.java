// Picks the type of a TREE message that does not carry one.
package dev.p2pkit.sdk.codec;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Picks, among the types that a receiver handles, the one that a TREE map means: by its {@code
 * type} entry (the simple or full name of a class), or by the one type whose components include all
 * of its entries.
 */
public final class TreeMatcher {
  /** The entry that names the type. */
  public static final String TYPE = "type";

  private TreeMatcher() {}

  /**
   * The type that a map means, empty if none fits.
   *
   * @throws CodecException if several fit, with their names
   */
  public static Optional<Class<?>> find(Map<?, ?> map, Collection<? extends Class<?>> types) {
    Object named = map.get(TYPE);
    if (named instanceof String name) {
      List<Class<?>> found = new ArrayList<>();
      for (Class<?> type : types) {
        if (type.getName().equals(name) || type.getSimpleName().equals(name)) {
          found.add(type);
        }
      }
      if (!found.isEmpty()) {
        return one(found);
      }
    }
    List<Class<?>> found = new ArrayList<>();
    List<Class<?>> exact = new ArrayList<>();
    for (Class<?> type : types) {
      Shape shape = shape(type);
      if (shape != null && includes(shape, map)) {
        found.add(type);
        if (shape.size() == map.size()) {
          exact.add(type);
        }
      }
    }
    return one(exact.size() == 1 ? exact : found);
  }

  /**
   * The type that a map means.
   *
   * @throws CodecException if none or several fit, with the names of the candidates
   */
  static Class<?> typeOf(Map<?, ?> map, Collection<? extends Class<?>> types) {
    return find(map, types)
        .orElseThrow(
            () ->
                new CodecException(
                    "none of "
                        + names(types)
                        + " has components for all entries of the message "
                        + Scalars.shorten(map.keySet().toString())
                        + "; name one in the entry 'type'"));
  }

  private static Optional<Class<?>> one(List<Class<?>> found) {
    if (found.size() > 1) {
      throw new CodecException(
          "the message fits " + names(found) + "; name one of them in the entry 'type'");
    }
    return found.stream().findFirst();
  }

  private static @Nullable Shape shape(Class<?> type) {
    return type.isRecord() ? Shape.of(type) : null;
  }

  private static boolean includes(Shape shape, Map<?, ?> map) {
    return map.keySet().stream()
        .allMatch(key -> key instanceof String name && shape.index(name) >= 0);
  }

  /** The simple names of types, for a message to people. */
  static String names(Collection<? extends Class<?>> types) {
    return types.stream().map(Class::getSimpleName).collect(Collectors.joining(", "));
  }
}
