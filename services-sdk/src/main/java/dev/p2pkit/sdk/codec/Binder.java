// Turns plain values into values of a declared type: by component name, with checked numbers.
package dev.p2pkit.sdk.codec;

import java.lang.reflect.Array;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * Turns plain values (what {@link TreeReader} reads, and what stands for an object of a class that
 * is not here) into values of a declared type.
 */
final class Binder {
  private static final Type[] NO_ARGUMENTS = {};

  private final Map<TypeVariable<?>, Type> variables;
  private final Collisions collisions;

  private Binder(Map<TypeVariable<?>, Type> variables, Collisions collisions) {
    this.variables = variables;
    this.collisions = collisions;
  }

  /**
   * The value as one of this type.
   *
   * @param collisions what the keys of sets and maps may cost
   * @throws CodecException if it cannot be
   */
  static @Nullable Object bind(@Nullable Object value, Type type, Collisions collisions) {
    try {
      return new Binder(Map.of(), collisions).to(value, type);
    } catch (ClassCastException | NullPointerException | IllegalArgumentException e) {
      // A sorted set of values without an order, a deque of nulls, a class without a shape.
      throw new CodecException("a value does not fit " + type.getTypeName() + ": " + e, e);
    }
  }

  private @Nullable Object to(@Nullable Object value, Type type) {
    if (type instanceof Class<?> raw) {
      return to(value, raw, NO_ARGUMENTS);
    }
    if (type instanceof ParameterizedType generic) {
      return to(value, (Class<?>) generic.getRawType(), generic.getActualTypeArguments());
    }
    if (type instanceof WildcardType wildcard) {
      return to(value, wildcard.getUpperBounds()[0]);
    }
    if (type instanceof TypeVariable<?> variable) {
      Type known = variables.get(variable);
      return to(value, known == null ? Object.class : known);
    }
    if (type instanceof GenericArrayType array) {
      return value == null ? null : array(value, array.getGenericComponentType());
    }
    throw new CodecException("a value cannot become a " + type.getTypeName());
  }

  private @Nullable Object to(@Nullable Object value, Class<?> raw, Type[] arguments) {
    if (raw == Optional.class) {
      Object inner = value instanceof Optional<?> optional ? optional.orElse(null) : value;
      return Optional.ofNullable(to(inner, argument(arguments, 0)));
    }
    if (value == null) {
      if (raw.isPrimitive()) {
        throw new CodecException("null cannot become a " + raw.getName());
      }
      return null;
    }
    if (raw == Object.class) {
      return value;
    }
    if (value instanceof Optional<?> optional) {
      // What was optional in an older state, and is not any more.
      return to(optional.orElse(null), raw, arguments);
    }
    if (raw.isArray()) {
      return raw.isInstance(value) && raw.getComponentType().isPrimitive()
          ? value
          : array(value, raw.getComponentType());
    }
    if (Collection.class.isAssignableFrom(raw) || raw == Iterable.class) {
      return collection(value, raw, argument(arguments, 0));
    }
    if (Map.class.isAssignableFrom(raw)) {
      return map(value, raw, argument(arguments, 0), argument(arguments, 1));
    }
    if (value instanceof Map<?, ?> map && !raw.isInstance(value)) {
      return object(map, raw, arguments);
    }
    return Scalars.to(value, raw);
  }

  private static Type argument(Type[] arguments, int index) {
    return index < arguments.length ? arguments[index] : Object.class;
  }

  private Object array(Object value, Type element) {
    Class<?> raw = erased(element);
    Object[] elements = Containers.elements(value, raw.getName() + "[]");
    Object array = Array.newInstance(raw, elements.length);
    for (int i = 0; i < elements.length; i++) {
      Array.set(array, i, at(elements[i], element, i));
    }
    return array;
  }

  private Class<?> erased(Type type) {
    if (type instanceof Class<?> raw) {
      return raw;
    }
    if (type instanceof ParameterizedType generic) {
      return (Class<?>) generic.getRawType();
    }
    if (type instanceof TypeVariable<?> variable) {
      Type known = variables.get(variable);
      return known == null ? Object.class : erased(known);
    }
    if (type instanceof GenericArrayType array) {
      return Array.newInstance(erased(array.getGenericComponentType()), 0).getClass();
    }
    return Object.class;
  }

  private Object collection(Object value, Class<?> raw, Type element) {
    Object[] elements = Containers.elements(value, raw.getSimpleName());
    Collection<@Nullable Object> made = Containers.collection(raw, elements.length);
    boolean hashed = made instanceof Set && !(made instanceof SortedSet);
    Collisions.Keys keys = collisions.in(made, hashed ? elements.length : 0);
    for (int i = 0; i < elements.length; i++) {
      Object bound = at(elements[i], element, i);
      keys.next(bound);
      elements[i] = bound;
      if (hashed) {
        made.add(bound);
      }
    }
    if (!hashed) {
      // At once: a list that copies itself for each that is added would do so a million times.
      made.addAll(Arrays.asList(elements));
    }
    return made;
  }

  private @Nullable Object at(@Nullable Object value, Type type, int index) {
    try {
      return to(value, type);
    } catch (CodecException e) {
      throw new CodecException("element " + index + ": " + e.getMessage(), e);
    }
  }

  private Object map(Object value, Class<?> raw, Type keyType, Type valueType) {
    if (!(value instanceof Map<?, ?> map)) {
      throw Scalars.misfit(value, raw);
    }
    Map<@Nullable Object, @Nullable Object> made = Containers.map(raw);
    Collisions.Keys keys = collisions.in(made.keySet(), made instanceof SortedMap ? 0 : map.size());
    map.forEach(
        (key, element) -> {
          try {
            Object bound = key(key, keyType);
            keys.next(bound);
            made.put(bound, to(element, valueType));
          } catch (CodecException e) {
            throw new CodecException("entry '" + Scalars.shorten(key) + "': " + e.getMessage(), e);
          }
        });
    return made;
  }

  /** JSON knows only strings as keys, so a string may stand for a number here. */
  private @Nullable Object key(@Nullable Object key, Type type) {
    Class<?> raw = erased(type);
    return key instanceof String text && !raw.isAssignableFrom(String.class)
        ? Scalars.parse(text, raw)
        : to(key, type);
  }

  private Object object(Map<?, ?> map, Class<?> raw, Type[] arguments) {
    if (raw.isSealed() && raw.isInterface()) {
      List<Class<?>> candidates = List.of(raw.getPermittedSubclasses());
      return object(map, TreeMatcher.typeOf(map, candidates), NO_ARGUMENTS);
    }
    if (Scalars.isScalar(raw)) {
      throw Scalars.misfit(map, raw);
    }
    Shape shape = Shape.of(raw);
    Binder inner = this;
    if (arguments.length > 0) {
      Map<TypeVariable<?>, Type> bound = new HashMap<>(variables);
      TypeVariable<?>[] parameters = raw.getTypeParameters();
      for (int i = 0; i < parameters.length; i++) {
        Type argument = arguments[i];
        bound.put(
            parameters[i],
            argument instanceof TypeVariable<?> variable
                ? variables.getOrDefault(variable, Object.class)
                : argument);
      }
      inner = new Binder(bound, collisions);
    }
    @Nullable Object[] values = new @Nullable Object[shape.size()];
    boolean[] present = new boolean[values.length];
    for (int i = 0; i < values.length; i++) {
      Object found = map.get(shape.name(i));
      if (found != null || map.containsKey(shape.name(i))) {
        present[i] = true;
        values[i] = inner.component(found, shape, i);
      }
    }
    return shape.make(values, present);
  }

  private @Nullable Object component(@Nullable Object value, Shape shape, int index) {
    try {
      return to(value, shape.type(index));
    } catch (CodecException e) {
      throw new CodecException(
          "component '"
              + shape.name(index)
              + "' of "
              + shape.type().getSimpleName()
              + ": "
              + e.getMessage(),
          e);
    }
  }
}
