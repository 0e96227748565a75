// The JDK values of KRYO bodies, each with a number; every length is checked before allocation.
package dev.p2pkit.sdk.codec;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Registration;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The JDK values of KRYO bodies. The numbers are part of the format. Kryo's own serializers
 * allocate whatever length a body declares, so none of them is used.
 */
final class ValueSerializers {
  static final int NULL = 0;
  private static final int LIST = 19;
  private static final int SET = 20;
  private static final int MAP = 21;
  private static final int OPTIONAL = 22;
  static final int DEFINE_OBJECT = 30;
  static final int DEFINE_ENUM = 31;
  static final int DEFINE_BYTES = 32;
  static final int DEFINED = 33;

  private static final Map<Class<?>, Integer> CODES =
      Map.ofEntries(
          Map.entry(Boolean.class, 1),
          Map.entry(Byte.class, 2),
          Map.entry(Short.class, 3),
          Map.entry(Integer.class, 4),
          Map.entry(Long.class, 5),
          Map.entry(Float.class, 6),
          Map.entry(Double.class, 7),
          Map.entry(Character.class, 8),
          Map.entry(String.class, 9),
          Map.entry(byte[].class, 10),
          Map.entry(BigInteger.class, 11),
          Map.entry(BigDecimal.class, 12),
          Map.entry(UUID.class, 13),
          Map.entry(Instant.class, 14),
          Map.entry(Duration.class, 15),
          Map.entry(LocalDate.class, 16),
          Map.entry(LocalTime.class, 17),
          Map.entry(LocalDateTime.class, 18),
          Map.entry(Optional.class, OPTIONAL),
          Map.entry(boolean[].class, 23),
          Map.entry(short[].class, 24),
          Map.entry(int[].class, 25),
          Map.entry(long[].class, 26),
          Map.entry(float[].class, 27),
          Map.entry(double[].class, 28),
          Map.entry(char[].class, 29));

  private ValueSerializers() {}

  /** The number of a class's kind of value; {@link #NULL} if it is none of the JDK's. */
  static int codeOf(Class<?> type) {
    Integer code = CODES.get(type);
    if (code != null) {
      return code;
    }
    if (Map.class.isAssignableFrom(type)) {
      return MAP;
    }
    if (Set.class.isAssignableFrom(type)) {
      return SET;
    }
    return Collection.class.isAssignableFrom(type) || type.isArray() ? LIST : NULL;
  }

  /** The registrations by number. */
  static Registration[] registrations() {
    Registration[] all = new Registration[DEFINE_OBJECT];
    put(all, 1, (Output out, Boolean value) -> out.writeBoolean(value), Input::readBoolean);
    put(all, 2, (Output out, Byte value) -> out.writeByte(value), Input::readByte);
    put(all, 3, (Output out, Short value) -> out.writeShort(value), Input::readShort);
    put(
        all,
        4,
        (Output out, Integer value) -> out.writeVarInt(value, false),
        in -> in.readVarInt(false));
    put(
        all,
        5,
        (Output out, Long value) -> out.writeVarLong(value, false),
        in -> in.readVarLong(false));
    put(all, 6, (Output out, Float value) -> out.writeFloat(value), Input::readFloat);
    put(all, 7, (Output out, Double value) -> out.writeDouble(value), Input::readDouble);
    put(all, 8, (Output out, Character value) -> out.writeChar(value), Input::readChar);
    put(all, 9, ValueSerializers::text, in -> text(in, Integer.MAX_VALUE));
    put(all, 10, ValueSerializers::bytes, ValueSerializers::bytes);
    put(
        all,
        11,
        (Output out, BigInteger value) -> bytes(out, value.toByteArray()),
        in -> new BigInteger(bytes(in)));
    put(
        all,
        12,
        (Output out, BigDecimal value) -> {
          out.writeVarInt(value.scale(), false);
          bytes(out, value.unscaledValue().toByteArray());
        },
        in -> {
          int scale = in.readVarInt(false);
          return new BigDecimal(new BigInteger(bytes(in)), scale);
        });
    put(
        all,
        13,
        (Output out, UUID value) -> {
          out.writeLong(value.getMostSignificantBits());
          out.writeLong(value.getLeastSignificantBits());
        },
        in -> {
          long most = in.readLong();
          return new UUID(most, in.readLong());
        });
    times(all);
    containers(all);
    arrays(all);
    return all;
  }

  private static void times(Registration[] all) {
    put(
        all,
        14,
        (Output out, Instant value) -> {
          out.writeVarLong(value.getEpochSecond(), false);
          out.writeVarInt(value.getNano(), true);
        },
        in -> {
          long seconds = in.readVarLong(false);
          return Instant.ofEpochSecond(seconds, in.readVarInt(true));
        });
    put(
        all,
        15,
        (Output out, Duration value) -> {
          out.writeVarLong(value.getSeconds(), false);
          out.writeVarInt(value.getNano(), true);
        },
        in -> {
          long seconds = in.readVarLong(false);
          return Duration.ofSeconds(seconds, in.readVarInt(true));
        });
    put(
        all,
        16,
        (Output out, LocalDate value) -> out.writeVarLong(value.toEpochDay(), false),
        in -> LocalDate.ofEpochDay(in.readVarLong(false)));
    put(
        all,
        17,
        (Output out, LocalTime value) -> out.writeLong(value.toNanoOfDay()),
        in -> LocalTime.ofNanoOfDay(in.readLong()));
    put(
        all,
        18,
        (Output out, LocalDateTime value) -> {
          out.writeVarLong(value.toLocalDate().toEpochDay(), false);
          out.writeLong(value.toLocalTime().toNanoOfDay());
        },
        in -> {
          LocalDate date = LocalDate.ofEpochDay(in.readVarLong(false));
          return LocalDateTime.of(date, LocalTime.ofNanoOfDay(in.readLong()));
        });
  }

  private static void containers(Registration[] all) {
    put(
        all,
        LIST,
        (kryo, out, value) -> elements(kryo, out, Containers.elements(value, "list")),
        (kryo, in) -> {
          int count = count(in, 1);
          List<@Nullable Object> list = new ArrayList<>(count);
          for (int i = 0; i < count; i++) {
            list.add(kryo.readClassAndObject(in));
          }
          return list;
        });
    put(
        all,
        SET,
        (kryo, out, value) -> elements(kryo, out, ((Set<?>) value).toArray()),
        (kryo, in) -> {
          int count = count(in, 1);
          Set<@Nullable Object> set = new LinkedHashSet<>();
          Collisions.Keys keys = NamedClassResolver.collisions(kryo).in(set, count);
          for (int i = 0; i < count; i++) {
            Object element = kryo.readClassAndObject(in);
            keys.next(element);
            set.add(element);
          }
          return set;
        });
    put(
        all,
        MAP,
        (kryo, out, value) -> {
          List<Map.Entry<?, ?>> entries = new ArrayList<>(((Map<?, ?>) value).entrySet());
          out.writeVarInt(entries.size(), true);
          for (Map.Entry<?, ?> entry : entries) {
            kryo.writeClassAndObject(out, entry.getKey());
            kryo.writeClassAndObject(out, entry.getValue());
          }
        },
        (kryo, in) -> {
          int count = count(in, 2);
          Map<@Nullable Object, @Nullable Object> map = new LinkedHashMap<>();
          Collisions.Keys keys = NamedClassResolver.collisions(kryo).in(map.keySet(), count);
          for (int i = 0; i < count; i++) {
            Object key = kryo.readClassAndObject(in);
            keys.next(key);
            map.put(key, kryo.readClassAndObject(in));
          }
          return map;
        });
    put(
        all,
        OPTIONAL,
        (kryo, out, value) -> kryo.writeClassAndObject(out, ((Optional<?>) value).orElse(null)),
        (kryo, in) -> Optional.ofNullable(kryo.readClassAndObject(in)));
  }

  private static void elements(Kryo kryo, Output out, @Nullable Object[] elements) {
    out.writeVarInt(elements.length, true);
    for (Object element : elements) {
      kryo.writeClassAndObject(out, element);
    }
  }

  private static void arrays(Registration[] all) {
    put(
        all,
        23,
        (Output out, boolean[] value) -> {
          out.writeVarInt(value.length, true);
          out.writeBooleans(value, 0, value.length);
        },
        in -> in.readBooleans(count(in, 1)));
    put(
        all,
        24,
        (Output out, short[] value) -> {
          out.writeVarInt(value.length, true);
          out.writeShorts(value, 0, value.length);
        },
        in -> in.readShorts(count(in, 2)));
    put(
        all,
        25,
        (Output out, int[] value) -> {
          out.writeVarInt(value.length, true);
          out.writeInts(value, 0, value.length);
        },
        in -> in.readInts(count(in, 4)));
    put(
        all,
        26,
        (Output out, long[] value) -> {
          out.writeVarInt(value.length, true);
          out.writeLongs(value, 0, value.length);
        },
        in -> in.readLongs(count(in, 8)));
    put(
        all,
        27,
        (Output out, float[] value) -> {
          out.writeVarInt(value.length, true);
          out.writeFloats(value, 0, value.length);
        },
        in -> in.readFloats(count(in, 4)));
    put(
        all,
        28,
        (Output out, double[] value) -> {
          out.writeVarInt(value.length, true);
          out.writeDoubles(value, 0, value.length);
        },
        in -> in.readDoubles(count(in, 8)));
    put(
        all,
        29,
        (Output out, char[] value) -> {
          out.writeVarInt(value.length, true);
          out.writeChars(value, 0, value.length);
        },
        in -> in.readChars(count(in, 2)));
  }

  /** A number of things of which each takes at least {@code least} bytes. */
  static int count(Input input, int least) {
    int count = input.readVarInt(true);
    int left = input.limit() - input.position();
    if (count < 0 || (long) count * least > left) {
      throw new CodecException(
          "a body declares "
              + (count & 0xFFFF_FFFFL)
              + " bytes or elements, but only "
              + left
              + " bytes are left");
    }
    return count;
  }

  static void text(Output output, String text) {
    bytes(output, Utf8.encode(text));
  }

  static String text(Input input, int most) {
    int length = count(input, 1);
    if (length > most) {
      throw new CodecException("a name in a body has at most " + most + " bytes, not " + length);
    }
    int from = input.position();
    input.skip(length);
    return Utf8.decode(input.getBuffer(), from, length);
  }

  private static void bytes(Output output, byte[] content) {
    output.writeVarInt(content.length, true);
    output.writeBytes(content);
  }

  private static byte[] bytes(Input input) {
    return input.readBytes(count(input, 1));
  }

  private interface Writing {
    void write(Kryo kryo, Output output, Object value);
  }

  private interface Reading {
    Object read(Kryo kryo, Input input);
  }

  @SuppressWarnings("unchecked") // the number belongs to the type
  private static <T> void put(
      Registration[] all, int code, BiConsumer<Output, T> writing, Function<Input, T> reading) {
    put(
        all,
        code,
        (kryo, output, value) -> writing.accept(output, (T) value),
        (kryo, input) -> reading.apply(input));
  }

  private static void put(Registration[] all, int code, Writing writing, Reading reading) {
    Serializer<Object> serializer =
        new Serializer<>() {
          @Override
          public void write(Kryo kryo, Output output, Object value) {
            writing.write(kryo, output, value);
          }

          @Override
          public Object read(Kryo kryo, Input input, Class<? extends Object> type) {
            return reading.read(kryo, input);
          }
        };
    all[code] = new Registration(Object.class, serializer, code);
  }
}
