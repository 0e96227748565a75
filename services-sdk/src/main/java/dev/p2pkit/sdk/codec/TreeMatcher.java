// Picks the type of a TREE message that does not carry one.
package dev.p2pkit.sdk.codec;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
    if (map.get(TYPE) instanceof String name) {
      List<Class<?>> found =
          named(types, type -> type.getName().equals(name) || type.getSimpleName().equals(name));
      if (!found.isEmpty()) {
        return one(found);
      }
    }
    return byComponents(map, types);
  }

  /** The type that an object of an unknown class means: by its name, or by its components. */
  static Optional<Class<?>> find(PlainObject plain, Collection<? extends Class<?>> types) {
    List<Class<?>> found = named(types, type -> type.getSimpleName().equals(plain.simpleName()));
    return found.isEmpty() ? byComponents(plain, types) : one(found);
  }

  /** Whether an object of an unknown class can stand for one of this type. */
  static boolean stands(PlainObject plain, Class<?> type) {
    if (type.isSealed() && type.isInterface()) {
      return find(plain, List.of(type.getPermittedSubclasses())).isPresent();
    }
    return type.isRecord()
        && (type.getSimpleName().equals(plain.simpleName()) || includes(Shape.of(type), plain));
  }

  private static List<Class<?>> named(
      Collection<? extends Class<?>> types, Predicate<Class<?>> matches) {
    List<Class<?>> found = new ArrayList<>();
    for (Class<?> type : types) {
      if (matches.test(type)) {
        found.add(type);
      }
    }
    return found;
  }

  private static Optional<Class<?>> byComponents(
      Map<?, ?> map, Collection<? extends Class<?>> types) {
    List<Class<?>> found = new ArrayList<>();
    List<Class<?>> exact = new ArrayList<>();
    for (Class<?> type : types) {
      List<Shape> fitting =
          shapes(type).stream().filter(shape -> includes(shape, map)).collect(Collectors.toList());
      if (!fitting.isEmpty()) {
        found.add(type);
      }
      if (fitting.stream().anyMatch(shape -> shape.size() == map.size())) {
        exact.add(type);
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
    return (map instanceof PlainObject plain ? find(plain, types) : find(map, types))
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

  /** A record's own shape, or those of the records of a sealed interface. */
  private static List<Shape> shapes(Class<?> type) {
    if (type.isRecord()) {
      return List.of(Shape.of(type));
    }
    return type.isSealed() && type.isInterface()
        ? Stream.of(type.getPermittedSubclasses())
            .flatMap(permitted -> shapes(permitted).stream())
            .collect(Collectors.toList())
        : List.of();
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
