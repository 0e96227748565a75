// A class as a KRYO body defines it, and how its values are written and read.
package dev.p2pkit.sdk.codec;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A class that a body defines: an object (record or class) with the names of its components, an
 * enum, or a {@link BytesValue}. Objects are read by component name: what the class here does not
 * have is skipped, what the body does not have gets zero or null. An object whose class is not here
 * is read as a {@link PlainObject}, a constant as its name.
 */
final class Definition {
  private static final ClassValue<Definition> WRITTEN =
      new ClassValue<>() {
        @Override
        protected Definition computeValue(Class<?> type) {
          return make(type);
        }
      };

  private final int code;
  private final String name;
  private final List<String> parts;
  private final @Nullable Class<?> type;
  private final Serializer<Object> serializer;

  private Definition(int code, String name, List<String> parts, @Nullable Class<?> type) {
    this.code = code;
    this.name = name;
    this.parts = parts;
    this.type = type;
    this.serializer =
        switch (code) {
          case ValueSerializers.DEFINE_OBJECT ->
              type == null ? new Plain() : new Shaped(Shape.of(type));
          case ValueSerializers.DEFINE_ENUM -> new Constant();
          default -> new Bytes();
        };
  }

  /**
   * How a class is written.
   *
   * @throws IllegalArgumentException if it cannot be
   */
  static Definition of(Class<?> type) {
    return WRITTEN.get(type);
  }

  private static Definition make(Class<?> type) {
    if (type.isEnum()) {
      return new Definition(ValueSerializers.DEFINE_ENUM, type.getName(), List.of(), type);
    }
    if (BytesValue.class.isAssignableFrom(type)) {
      return new Definition(ValueSerializers.DEFINE_BYTES, type.getName(), List.of(), type);
    }
    Shape shape = Shape.of(type);
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < shape.size(); i++) {
      parts.add(shape.name(i));
    }
    return new Definition(ValueSerializers.DEFINE_OBJECT, type.getName(), parts, type);
  }

  /** The definition that follows its code and name in a body. */
  static Definition read(int code, String name, Optional<Class<?>> found, Input input) {
    Class<?> type = found.orElse(null);
    if (code == ValueSerializers.DEFINE_ENUM) {
      check(type == null || type.isEnum(), name, "an enum");
      return new Definition(code, name, List.of(), type);
    }
    if (code == ValueSerializers.DEFINE_BYTES) {
      check(type != null && BytesValue.class.isAssignableFrom(type), name, "a value of bytes");
      return new Definition(code, name, List.of(), type);
    }
    if (code != ValueSerializers.DEFINE_OBJECT) {
      throw new CodecException("a body has no kind of value with the number " + code);
    }
    check(type == null || !type.isEnum(), name, "a record or class");
    int count = ValueSerializers.count(input, 2);
    List<String> parts = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      parts.add(ValueSerializers.text(input, Integer.MAX_VALUE));
    }
    return new Definition(code, name, parts, type);
  }

  private static void check(boolean holds, String name, String kind) {
    if (!holds) {
      throw new CodecException("the class " + Scalars.shorten(name) + " is not " + kind + " here");
    }
  }

  void write(Output output) {
    output.writeVarInt(code, true);
    ValueSerializers.text(output, name);
    if (code == ValueSerializers.DEFINE_OBJECT) {
      output.writeVarInt(parts.size(), true);
      parts.forEach(part -> ValueSerializers.text(output, part));
    }
  }

  Serializer<Object> serializer() {
    return serializer;
  }

  /** A record or an object of a class that is here. */
  private final class Shaped extends Serializer<Object> {
    private final Shape shape;

    Shaped(Shape shape) {
      this.shape = shape;
    }

    @Override
    public void write(Kryo kryo, Output output, Object object) {
      for (Object value : shape.take(object)) {
        kryo.writeClassAndObject(output, value);
      }
    }

    @Override
    public Object read(Kryo kryo, Input input, Class<? extends Object> ignored) {
      @Nullable Object[] values = new @Nullable Object[shape.size()];
      boolean[] present = new boolean[values.length];
      for (String part : parts) {
        Object value = kryo.readClassAndObject(input);
        int index = shape.index(part);
        if (index >= 0) {
          values[index] = fitted(value, index, NamedClassResolver.collisions(kryo));
          present[index] = true;
        }
      }
      return shape.make(values, present);
    }

    private @Nullable Object fitted(@Nullable Object value, int index, Collisions collisions) {
      try {
        return Binder.bind(value, shape.type(index), collisions);
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

  /** An object of a class that is not here. */
  private final class Plain extends Serializer<Object> {
    @Override
    public void write(Kryo kryo, Output output, Object object) {
      throw new IllegalStateException("what has no class is only read");
    }

    @Override
    public Object read(Kryo kryo, Input input, Class<? extends Object> ignored) {
      PlainObject plain = new PlainObject(name);
      for (String part : parts) {
        plain.put(part, kryo.readClassAndObject(input));
      }
      return plain;
    }
  }

  /** A constant, by name. */
  private final class Constant extends Serializer<Object> {
    @Override
    public void write(Kryo kryo, Output output, Object object) {
      ValueSerializers.text(output, ((Enum<?>) object).name());
    }

    @Override
    public Object read(Kryo kryo, Input input, Class<? extends Object> ignored) {
      String constant = ValueSerializers.text(input, Integer.MAX_VALUE);
      return type == null ? constant : Scalars.parse(constant, type);
    }
  }

  /** A value of bytes. */
  private final class Bytes extends Serializer<Object> {
    @Override
    public void write(Kryo kryo, Output output, Object object) {
      byte[] content = ((BytesValue) object).toWire();
      output.writeVarInt(content.length, true);
      output.writeBytes(content);
    }

    @Override
    public Object read(Kryo kryo, Input input, Class<? extends Object> ignored) {
      byte[] content = input.readBytes(ValueSerializers.count(input, 1));
      try {
        Class<?> known = type;
        if (known == null) {
          return content;
        }
        return known.getMethod("fromWire", byte[].class).invoke(null, content);
      } catch (InvocationTargetException e) {
        throw new CodecException("a body holds no " + Scalars.shorten(name), e);
      } catch (ReflectiveOperationException e) {
        throw new CodecException(name + " has no method fromWire", e);
      }
    }
  }
}
