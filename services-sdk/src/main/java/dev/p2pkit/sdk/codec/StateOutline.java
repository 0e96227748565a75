// What a state or message is made of, by name, so that two versions of it can be compared.
package dev.p2pkit.sdk.codec;

import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The components of a class and of the classes of its own archive below it: the path of each, such
 * as {@code entries[].who}, with the simple name of its type.
 */
public final class StateOutline {
  private static final int MAX_PARTS = 10_000;

  private final ClassLoader home;
  private final Map<String, String> parts = new LinkedHashMap<>();
  private final Set<Class<?>> inside = new HashSet<>();

  private StateOutline(ClassLoader home) {
    this.home = home;
  }

  /** The components by their paths, in the order of declaration; empty for a class of the JDK. */
  public static Map<String, String> of(Class<?> type) {
    ClassLoader home = type.getClassLoader();
    if (home == null) {
      return Map.of();
    }
    StateOutline outline = new StateOutline(home);
    outline.enter(type, "");
    return outline.parts;
  }

  private void enter(Type type, String path) {
    if (type instanceof ParameterizedType generic) {
      enter(generic.getRawType(), path);
      for (Type argument : generic.getActualTypeArguments()) {
        enter(argument, path + "[]");
      }
    } else if (type instanceof GenericArrayType array) {
      enter(array.getGenericComponentType(), path + "[]");
    } else if (type instanceof WildcardType wildcard) {
      enter(wildcard.getUpperBounds()[0], path);
    } else if (type instanceof Class<?> raw && raw.isArray()) {
      enter(raw.getComponentType(), path + "[]");
    } else if (type instanceof Class<?> raw && raw.getClassLoader() == home) {
      enter(raw, path);
    }
  }

  private void enter(Class<?> raw, String path) {
    if (parts.size() > MAX_PARTS || !inside.add(raw)) {
      return;
    }
    if (raw.isEnum()) {
      for (Object constant : raw.getEnumConstants()) {
        parts.put(path + "=" + ((Enum<?>) constant).name(), "constant");
      }
    } else if (raw.isSealed()) {
      for (Class<?> kind : raw.getPermittedSubclasses()) {
        parts.put(path + "(" + kind.getSimpleName() + ")", "kind");
        enter(kind, path + "(" + kind.getSimpleName() + ")");
      }
    } else if (!raw.isInterface()) {
      components(raw, path);
    }
    inside.remove(raw);
  }

  private void components(Class<?> raw, String path) {
    Shape shape;
    try {
      shape = Shape.of(raw);
    } catch (IllegalArgumentException e) {
      parts.put(path + "?", String.valueOf(e.getMessage()));
      return;
    }
    for (int i = 0; i < shape.size(); i++) {
      String name = path.isEmpty() ? shape.name(i) : path + "." + shape.name(i);
      parts.put(name, shape.type(i).getTypeName().replaceAll("[\\w.$]*[.$](?=\\w)", ""));
      enter(shape.type(i), name);
    }
  }
}
