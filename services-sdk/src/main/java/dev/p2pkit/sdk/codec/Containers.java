// Which collections and maps can be made, and from what.
package dev.p2pkit.sdk.codec;

import java.lang.reflect.Array;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** The collections of the JDK that a component may declare. */
final class Containers {
  private Containers() {}

  /** The elements of a list, set or array. */
  static @Nullable Object[] elements(Object value, String wanted) {
    if (value instanceof Collection<?> collection) {
      return collection.toArray();
    }
    if (value.getClass().isArray()) {
      @Nullable Object[] elements = new @Nullable Object[Array.getLength(value)];
      for (int i = 0; i < elements.length; i++) {
        elements[i] = Array.get(value, i);
      }
      return elements;
    }
    throw new CodecException("a " + Scalars.name(value) + " cannot become a " + wanted);
  }

  /**
   * An empty collection that is a {@code type}; for sets, lists and queues by interface or class.
   */
  static Collection<@Nullable Object> collection(Class<?> type, int size) {
    if (type.isAssignableFrom(ArrayList.class)) {
      return new ArrayList<>(size);
    }
    if (type.isAssignableFrom(LinkedHashSet.class)) {
      return new LinkedHashSet<>();
    }
    if (type.isAssignableFrom(HashSet.class)) {
      return new HashSet<>();
    }
    if (type.isAssignableFrom(TreeSet.class)) {
      return new TreeSet<>();
    }
    if (type.isAssignableFrom(ArrayDeque.class)) {
      return new ArrayDeque<>();
    }
    if (type.isAssignableFrom(CopyOnWriteArrayList.class)) {
      return new CopyOnWriteArrayList<>();
    }
    throw new CodecException(
        "a component cannot be a " + type.getName() + "; declare a List, Set or Deque");
  }

  /** An empty map that is a {@code type}. */
  static Map<@Nullable Object, @Nullable Object> map(Class<?> type) {
    if (type.isAssignableFrom(LinkedHashMap.class)) {
      return new LinkedHashMap<>();
    }
    if (type.isAssignableFrom(HashMap.class)) {
      return new HashMap<>();
    }
    if (type.isAssignableFrom(TreeMap.class)) {
      return new TreeMap<>();
    }
    if (type.isAssignableFrom(ConcurrentHashMap.class)) {
      return new ConcurrentHashMap<>();
    }
    if (type.isAssignableFrom(ConcurrentSkipListMap.class)) {
      return new ConcurrentSkipListMap<>();
    }
    throw new CodecException(
        "a component cannot be a " + type.getName() + "; declare a Map or SortedMap");
  }
}
