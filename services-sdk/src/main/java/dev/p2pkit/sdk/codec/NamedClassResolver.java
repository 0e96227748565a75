// How KRYO bodies name classes: JDK values by number, all others by name with their components.
package dev.p2pkit.sdk.codec;

import com.esotericsoftware.kryo.ClassResolver;
import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Registration;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Kryo's class resolver with an allow list. A class is defined once in a body, by its name and the
 * names of its components, and afterwards referred to by its number there; so a body can be read
 * without its classes. Nothing is remembered from one body to the next, hence a Kryo with this
 * resolver keeps no class loader alive and serves all of them.
 */
@SuppressWarnings("rawtypes") // as in the interface of Kryo
final class NamedClassResolver implements ClassResolver {
  private static final int MAX_NAME = 1_024;

  private final Map<Class<?>, Integer> written = new HashMap<>();
  private final List<Registration> defined = new ArrayList<>();
  private final Registration[] values = ValueSerializers.registrations();
  private @Nullable KryoClasses classes;
  private Collisions collisions = Collisions.unbounded();

  /** Before a body is read. */
  void begin(KryoClasses allowed, Collisions bound) {
    classes = allowed;
    collisions = bound;
  }

  /** What the keys of the body may cost that is being read. */
  static Collisions collisions(Kryo kryo) {
    return ((NamedClassResolver) kryo.getClassResolver()).collisions;
  }

  @Override
  public void reset() {
    written.clear();
    defined.clear();
    classes = null;
    collisions = Collisions.unbounded();
  }

  @Override
  public @Nullable Registration writeClass(Output output, @Nullable Class type) {
    if (type == null) {
      output.writeVarInt(ValueSerializers.NULL, true);
      return null;
    }
    int code = ValueSerializers.codeOf(type);
    if (code != ValueSerializers.NULL) {
      output.writeVarInt(code, true);
      return values[code];
    }
    Class<?> named = Enum.class.isAssignableFrom(type) ? enumOf(type) : type;
    Definition definition = Definition.of(named);
    Integer known = written.get(named);
    if (known == null) {
      written.put(named, written.size());
      definition.write(output);
    } else {
      output.writeVarInt(ValueSerializers.DEFINED, true);
      output.writeVarInt(known, true);
    }
    return new Registration(named, definition.serializer(), ValueSerializers.DEFINED);
  }

  /** A constant with a body of its own is of a subclass of its enum. */
  private static Class<?> enumOf(Class<?> type) {
    Class<?> above = type.getSuperclass();
    return type.isEnum() || above == null ? type : above;
  }

  @Override
  public @Nullable Registration readClass(Input input) {
    int code = input.readVarInt(true);
    if (code == ValueSerializers.NULL) {
      return null;
    }
    if (code > 0 && code < values.length) {
      return values[code];
    }
    if (code == ValueSerializers.DEFINED) {
      int number = input.readVarInt(true);
      if (number < 0 || number >= defined.size()) {
        throw new CodecException("a body refers to its class " + number + " before it defines it");
      }
      return defined.get(number);
    }
    KryoClasses allowed = classes;
    if (allowed == null) {
      throw new IllegalStateException("no body is being read");
    }
    String name = ValueSerializers.text(input, MAX_NAME);
    Optional<Class<?>> found = allowed.find(name);
    Class<?> root = allowed.root();
    if (root != null
        && defined.isEmpty()
        && code == ValueSerializers.DEFINE_OBJECT
        && found.filter(root::isAssignableFrom).isEmpty()
        && !root.isInterface()) {
      found = Optional.of(root);
    }
    Definition definition = Definition.read(code, name, found, input);
    Registration registration =
        new Registration(Object.class, definition.serializer(), ValueSerializers.DEFINED);
    defined.add(registration);
    return registration;
  }

  @Override
  public void setKryo(Kryo kryo) {}

  /** Kryo's constructor registers its own serializers for primitive types; none of them is used. */
  @Override
  public Registration register(Registration registration) {
    return registration;
  }

  @Override
  public @Nullable Registration unregister(int classId) {
    return null;
  }

  @Override
  public Registration registerImplicit(Class type) {
    throw new IllegalArgumentException(type.getName() + " is not registered");
  }

  @Override
  public @Nullable Registration getRegistration(Class type) {
    return null;
  }

  @Override
  public @Nullable Registration getRegistration(int classId) {
    return null;
  }
}
