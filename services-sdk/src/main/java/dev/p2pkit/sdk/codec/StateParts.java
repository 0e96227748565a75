// Looks at the declared types of a state's parts, before there is a value of them.
package dev.p2pkit.sdk.codec;

import java.io.Serializable;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds a part of a state that can never be encoded: a function, a thread, a stream, a lock, a
 * class of the host. What only its value can tell (an interface of the service's own, {@code
 * Object}) passes here and is looked at when it is encoded.
 */
final class StateParts {
  /** Declared types that say nothing about the value. */
  private static final Set<Class<?>> OPEN =
      Set.of(Object.class, Number.class, CharSequence.class, Comparable.class, Serializable.class);

  private static final int MAX_CLASSES = 10_000;

  private final ClassLoader home;
  private final Set<Class<?>> seen = new HashSet<>();

  private StateParts(ClassLoader home) {
    this.home = home;
  }

  /** What is wrong with the first part that does not fit; empty if all may fit. */
  static Optional<String> unfit(Class<?> state) {
    ClassLoader home = state.getClassLoader();
    return home == null
        ? Optional.empty()
        : new StateParts(home).look(state, "the state " + state.getSimpleName());
  }

  private Optional<String> look(Type type, String where) {
    if (type instanceof Class<?> raw) {
      return look(raw, where);
    }
    if (type instanceof ParameterizedType generic) {
      Optional<String> found = look((Class<?>) generic.getRawType(), where);
      for (Type argument : generic.getActualTypeArguments()) {
        found = found.or(() -> look(argument, where));
      }
      return found;
    }
    if (type instanceof GenericArrayType array) {
      return look(array.getGenericComponentType(), where);
    }
    if (type instanceof WildcardType wildcard) {
      return look(wildcard.getUpperBounds()[0], where);
    }
    // A bound may name its own variable, so only its class is looked at.
    Type bound = type instanceof TypeVariable<?> variable ? variable.getBounds()[0] : type;
    return bound instanceof Class<?> raw
        ? look(raw, where)
        : bound instanceof ParameterizedType generic
            ? look((Class<?>) generic.getRawType(), where)
            : Optional.empty();
  }

  private Optional<String> look(Class<?> raw, String where) {
    if (raw.isArray()) {
      return look(raw.getComponentType(), where);
    }
    if (raw.isPrimitive()
        || raw.isEnum()
        || OPEN.contains(raw)
        || BytesValue.class.isAssignableFrom(raw)
        || TextValue.class.isAssignableFrom(raw)) {
      return Optional.empty();
    }
    if (Map.class.isAssignableFrom(raw)
        || Collection.class.isAssignableFrom(raw)
        || raw == Iterable.class) {
      return container(raw, where);
    }
    if (ValueSerializers.codeOf(raw) != ValueSerializers.NULL) {
      return Optional.empty();
    }
    boolean sdkData = raw.isRecord() && raw.getClassLoader() == StateParts.class.getClassLoader();
    if (!sdkData && raw.getClassLoader() != home) {
      return refused(where, "is a " + raw.getName());
    }
    if (raw.isAnnotationPresent(FunctionalInterface.class)) {
      return refused(where, "is the function " + raw.getName());
    }
    if (!seen.add(raw) || seen.size() > MAX_CLASSES) {
      return Optional.empty();
    }
    if (raw.isSealed()) {
      Optional<String> found = Optional.empty();
      for (Class<?> kind : raw.getPermittedSubclasses()) {
        found = found.or(() -> look(kind, where));
      }
      return found;
    }
    if (raw.isInterface() || java.lang.reflect.Modifier.isAbstract(raw.getModifiers())) {
      return Optional.empty();
    }
    return parts(raw, where);
  }

  private static Optional<String> container(Class<?> raw, String where) {
    try {
      Object unused =
          Map.class.isAssignableFrom(raw) ? Containers.map(raw) : Containers.collection(raw, 0);
      return Optional.empty();
    } catch (CodecException e) {
      return refused(where, "is a " + raw.getName());
    }
  }

  private Optional<String> parts(Class<?> raw, String where) {
    Shape shape;
    try {
      shape = Shape.of(raw);
    } catch (IllegalArgumentException e) {
      return Optional.of(where + ": " + e.getMessage());
    }
    Optional<String> found = Optional.empty();
    for (int i = 0; i < shape.size() && found.isEmpty(); i++) {
      found = look(shape.type(i), "the field '" + shape.name(i) + "' of " + raw.getName());
    }
    return found;
  }

  private static Optional<String> refused(String where, String what) {
    return Optional.of(
        where
            + " "
            + what
            + ", which a state cannot hold; keep the values it is made from, or mark the field of a"
            + " class transient");
  }
}
