// The components of a record or the fields of a class, with cached ways to get and set them.
package dev.p2pkit.sdk.codec;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How values of a class are taken apart and made again by name. Kept by {@link ClassValue}, so that
 * it lives exactly as long as the class. Thread-safe.
 */
final class Shape {
  private static final ClassValue<Shape> SHAPES =
      new ClassValue<>() {
        @Override
        protected Shape computeValue(Class<?> type) {
          try {
            return type.isRecord() ? ofRecord(type) : ofFields(type);
          } catch (ReflectiveOperationException | RuntimeException e) {
            throw e instanceof IllegalArgumentException known
                ? known
                : new IllegalArgumentException(
                    "the parts of " + type.getName() + " cannot be reached; make it public", e);
          }
        }
      };

  private final Class<?> type;
  private final List<Part> parts;
  private final Map<String, Integer> indices = new HashMap<>();
  private final MethodHandle constructor;

  private record Part(
      String name, Type type, Class<?> raw, MethodHandle getter, @Nullable MethodHandle setter) {}

  private Shape(Class<?> type, List<Part> parts, MethodHandle constructor) {
    this.type = type;
    this.parts = List.copyOf(parts);
    this.constructor = constructor;
    for (int i = 0; i < parts.size(); i++) {
      if (indices.put(parts.get(i).name(), i) != null) {
        throw new IllegalArgumentException(
            type.getName()
                + " and a class above it both have a field "
                + parts.get(i).name()
                + "; rename one");
      }
    }
  }

  /**
   * The shape of a record, or of a class with a constructor without arguments.
   *
   * @throws IllegalArgumentException if it is neither
   */
  static Shape of(Class<?> type) {
    return SHAPES.get(type);
  }

  private static Shape ofRecord(Class<?> type) throws ReflectiveOperationException {
    MethodHandles.Lookup lookup = MethodHandles.lookup();
    RecordComponent[] components = type.getRecordComponents();
    Class<?>[] raw = new Class<?>[components.length];
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < components.length; i++) {
      RecordComponent component = components[i];
      raw[i] = component.getType();
      component.getAccessor().setAccessible(true);
      MethodHandle getter = lookup.unreflect(component.getAccessor());
      parts.add(
          new Part(
              component.getName(),
              component.getGenericType(),
              raw[i],
              getter.asType(getter.type().generic()),
              null));
    }
    Constructor<?> canonical = type.getDeclaredConstructor(raw);
    canonical.setAccessible(true);
    MethodHandle constructor =
        lookup.unreflectConstructor(canonical).asSpreader(Object[].class, raw.length);
    return new Shape(
        type, parts, constructor.asType(constructor.type().changeReturnType(Object.class)));
  }

  private static Shape ofFields(Class<?> type) throws ReflectiveOperationException {
    if (type.isInterface()
        || type.isArray()
        || type.isPrimitive()
        || type.isEnum()
        || type.isHidden()
        || type.getClassLoader() == null
        || Modifier.isAbstract(type.getModifiers())) {
      throw new IllegalArgumentException(
          type.getName() + " cannot be encoded by its fields; use a record");
    }
    MethodHandles.Lookup lookup = MethodHandles.lookup();
    List<Part> parts = new ArrayList<>();
    for (Class<?> level = type; level != Object.class; level = level.getSuperclass()) {
      if (level.getClassLoader() != type.getClassLoader()) {
        throw new IllegalArgumentException(
            type.getName()
                + " extends "
                + level.getName()
                + "; use a record that holds the values");
      }
      for (Field field : level.getDeclaredFields()) {
        int modifiers = field.getModifiers();
        if (Modifier.isStatic(modifiers)
            || Modifier.isTransient(modifiers)
            || field.isSynthetic()) {
          continue;
        }
        field.setAccessible(true);
        MethodHandle getter = lookup.unreflectGetter(field);
        MethodHandle setter = lookup.unreflectSetter(field);
        parts.add(
            new Part(
                field.getName(),
                field.getGenericType(),
                field.getType(),
                getter.asType(getter.type().generic()),
                setter.asType(setter.type().generic().changeReturnType(void.class))));
      }
    }
    Constructor<?> empty;
    try {
      empty = type.getDeclaredConstructor();
    } catch (NoSuchMethodException e) {
      throw new IllegalArgumentException(
          type.getName() + " has no constructor without arguments; add one or use a record", e);
    }
    empty.setAccessible(true);
    MethodHandle constructor = lookup.unreflectConstructor(empty);
    return new Shape(
        type, parts, constructor.asType(constructor.type().changeReturnType(Object.class)));
  }

  /** The class. */
  Class<?> type() {
    return type;
  }

  /** How many components or fields there are. */
  int size() {
    return parts.size();
  }

  /** The name of a part. */
  String name(int index) {
    return parts.get(index).name();
  }

  /** The declared type of a part, with its type arguments. */
  Type type(int index) {
    return parts.get(index).type();
  }

  /** The declared class of a part. */
  Class<?> raw(int index) {
    return parts.get(index).raw();
  }

  /** The index of a part; -1 if there is none of this name. */
  int index(String name) {
    Integer index = indices.get(name);
    return index == null ? -1 : index;
  }

  /** The values of all parts. */
  @Nullable Object[] take(Object instance) {
    @Nullable Object[] values = new @Nullable Object[parts.size()];
    for (int i = 0; i < values.length; i++) {
      try {
        values[i] = parts.get(i).getter().invokeExact(instance);
      } catch (Throwable e) {
        throw new IllegalArgumentException(
            "the component '" + name(i) + "' of " + type.getName() + " cannot be read: " + e,
            rethrown(e));
      }
    }
    return values;
  }

  /**
   * A new instance. Parts that are not present get zero, an empty Optional or null; the fields of a
   * class keep what its constructor gave them.
   */
  Object make(@Nullable Object[] values, boolean[] present) {
    try {
      if (type.isRecord()) {
        for (int i = 0; i < values.length; i++) {
          if (!present[i]) {
            values[i] = absent(raw(i));
          }
        }
        return constructor.invokeExact(values);
      }
      Object made = constructor.invokeExact();
      for (int i = 0; i < values.length; i++) {
        MethodHandle setter = parts.get(i).setter();
        if (present[i] && setter != null) {
          setter.invokeExact(made, values[i]);
        }
      }
      return made;
    } catch (Throwable e) {
      throw new CodecException(type.getSimpleName() + " refuses these values: " + e, rethrown(e));
    }
  }

  /** Errors of the machine, such as lack of memory, are not the input's fault. */
  private static Throwable rethrown(Throwable thrown) {
    if (thrown instanceof VirtualMachineError error) {
      throw error;
    }
    return thrown;
  }

  private static @Nullable Object absent(Class<?> raw) {
    if (raw.isPrimitive()) {
      return Array.get(Array.newInstance(raw, 1), 0);
    }
    return raw == Optional.class ? Optional.empty() : null;
  }
}
