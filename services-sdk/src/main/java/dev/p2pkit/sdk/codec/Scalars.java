// Turns one plain value into a number, text, moment or constant of a declared class.
package dev.p2pkit.sdk.codec;

import java.lang.reflect.InvocationTargetException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.Arrays;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Conversions between scalar values that lose nothing. */
final class Scalars {
  private static final Map<Class<?>, Class<?>> WRAPPERS =
      Map.of(
          boolean.class, Boolean.class,
          byte.class, Byte.class,
          short.class, Short.class,
          int.class, Integer.class,
          long.class, Long.class,
          float.class, Float.class,
          double.class, Double.class,
          char.class, Character.class);

  private Scalars() {}

  /** Whether values of this class are never made from a map. */
  static boolean isScalar(Class<?> raw) {
    return raw.isPrimitive()
        || raw.isEnum()
        || raw == String.class
        || raw == Boolean.class
        || raw == Character.class
        || raw.getClassLoader() == null;
  }

  /** The value as one of this class; never null. */
  static Object to(Object value, Class<?> raw) {
    Class<?> boxed = boxed(raw);
    if (boxed.isInstance(value)) {
      return value;
    }
    if (value instanceof Number number) {
      return number(number, boxed);
    }
    if (value instanceof Character unit && boxed == String.class) {
      return unit.toString();
    }
    if (value instanceof String text
        && !Number.class.isAssignableFrom(boxed)
        && boxed != Boolean.class) {
      return parse(text, raw);
    }
    if (value instanceof String text && (boxed == BigInteger.class || boxed == BigDecimal.class)) {
      return parse(text, raw);
    }
    throw misfit(value, raw);
  }

  /** The class of the values of a declared class: for a primitive type, its wrapper. */
  static Class<?> boxed(Class<?> raw) {
    if (!raw.isPrimitive()) {
      return raw;
    }
    Class<?> wrapper = WRAPPERS.get(raw);
    return wrapper == null ? raw : wrapper;
  }

  private static Object number(Number number, Class<?> boxed) {
    if (boxed == Double.class || boxed == Float.class) {
      return floating(number, boxed);
    }
    if (boxed == BigDecimal.class) {
      return new BigDecimal(number.toString());
    }
    long whole = whole(number, boxed);
    if (boxed == Long.class) {
      return whole;
    }
    if (boxed == Integer.class && whole == (int) whole) {
      return (int) whole;
    }
    if (boxed == Short.class && whole == (short) whole) {
      return (short) whole;
    }
    if (boxed == Byte.class && whole == (byte) whole) {
      return (byte) whole;
    }
    if (boxed == BigInteger.class) {
      return BigInteger.valueOf(whole);
    }
    throw misfit(number, boxed);
  }

  private static Object floating(Number number, Class<?> boxed) {
    double wide = number.doubleValue();
    boolean exact =
        number instanceof Float
            || number instanceof Double
            || (number.longValue() == (long) wide && wide != 0x1p63);
    if (!exact) {
      throw new CodecException(number + " cannot become a " + boxed.getSimpleName() + " exactly");
    }
    if (boxed == Double.class) {
      return wide;
    }
    float narrow = (float) wide;
    if (Float.isInfinite(narrow) && !Double.isInfinite(wide)) {
      throw new CodecException(number + " is too large for a Float");
    }
    return narrow;
  }

  private static long whole(Number number, Class<?> boxed) {
    if (number instanceof Long
        || number instanceof Integer
        || number instanceof Short
        || number instanceof Byte) {
      return number.longValue();
    }
    if (number instanceof Double || number instanceof Float) {
      double wide = number.doubleValue();
      if (wide == Math.rint(wide) && Math.abs(wide) <= 0x1p53) {
        return (long) wide;
      }
    }
    if (number instanceof BigInteger big && big.bitLength() < Long.SIZE) {
      return big.longValue();
    }
    throw misfit(number, boxed);
  }

  /** Text as a value of this class. */
  static Object parse(String text, Class<?> raw) {
    Class<?> boxed = boxed(raw);
    try {
      if (boxed.isAssignableFrom(String.class)) {
        return text;
      }
      if (boxed.isEnum()) {
        return constant(text, boxed);
      }
      if (boxed == Character.class && text.length() == 1) {
        return text.charAt(0);
      }
      if (boxed == Instant.class) {
        return Instant.parse(text);
      }
      if (boxed == Boolean.class && (text.equals("true") || text.equals("false"))) {
        return text.equals("true");
      }
      if (Number.class.isAssignableFrom(boxed)) {
        return boxed == BigInteger.class && text.length() <= 1_000
            ? new BigInteger(text)
            : boxed == BigDecimal.class && text.length() <= 1_000
                ? new BigDecimal(text)
                : boxed == Double.class || boxed == Float.class
                    ? floating(Double.valueOf(text), boxed)
                    : number(Long.valueOf(text), boxed);
      }
      if (TextValue.class.isAssignableFrom(boxed)) {
        return boxed.getMethod("parse", String.class).invoke(null, text);
      }
      return time(text, boxed);
    } catch (InvocationTargetException e) {
      Throwable cause = e.getCause();
      throw new CodecException(
          String.valueOf(cause == null ? e : cause.getMessage()), cause == null ? e : cause);
    } catch (ReflectiveOperationException | IllegalArgumentException | DateTimeException e) {
      throw new CodecException("'" + shorten(text) + "' cannot become a " + raw.getSimpleName(), e);
    }
  }

  private static Object time(String text, Class<?> boxed) {
    if (boxed == UUID.class) {
      return UUID.fromString(text);
    }
    if (boxed == Duration.class) {
      return Duration.parse(text);
    }
    if (boxed == LocalDate.class) {
      return LocalDate.parse(text);
    }
    if (boxed == LocalTime.class) {
      return LocalTime.parse(text);
    }
    if (boxed == LocalDateTime.class) {
      return LocalDateTime.parse(text);
    }
    throw misfit(text, boxed);
  }

  private static Object constant(String name, Class<?> type) {
    Object[] constants = type.getEnumConstants();
    for (Object constant : constants) {
      if (((Enum<?>) constant).name().equals(name)) {
        return constant;
      }
    }
    String all = Arrays.toString(constants);
    throw new CodecException(
        type.getSimpleName()
            + " has no constant '"
            + shorten(name)
            + "' but "
            + (all.length() > 200 ? all.substring(0, 200) + "…" : all));
  }

  static CodecException misfit(Object value, Class<?> wanted) {
    return new CodecException(
        "a " + name(value) + " cannot become a " + wanted.getSimpleName() + ": " + shorten(value));
  }

  /** The name of a value's kind, as people say it. */
  static String name(@Nullable Object value) {
    if (value == null) {
      return "null";
    }
    return value instanceof Map<?, ?> ? "map" : value.getClass().getSimpleName();
  }

  /** At most 64 characters of a value. */
  static String shorten(@Nullable Object value) {
    String text =
        value instanceof String known
            ? known
            : value instanceof Number || value instanceof Boolean ? value.toString() : name(value);
    String cut = text.length() <= 64 ? text : text.substring(0, 64) + "…";
    return cut.replaceAll("\\p{Cntrl}", "?");
  }
}
