// A fingerprint of the state of a machine, whatever its classes look like.
package dev.p2pkit.overlay.check;

import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.ring.RingConfig;
import dev.p2pkit.overlay.ring.RingListener;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;

/**
 * A fingerprint of the state of a machine, field by field, so that it follows when classes change.
 * Times become distances from now, and what lies longer ago than {@link #PAST} is simply past. Left
 * out are counters and copies for the outside, and what only spreads news of members or estimates
 * round trips: that decides when, not what.
 */
final class StateDigest {
  /** The clock of a checked world begins here, so that a time is known by its size. */
  static final long EPOCH = 1L << 50;

  private static final long ERA = 1L << 44;
  private static final long PAST = 20_000_000;

  /** Counters for statistics, copies of other fields, and what only goes to the outside. */
  private static final Set<String> LEFT_OUT =
      Set.of(
          "Neighbourhood",
          "ArcMemory",
          "HeldParts",
          "Copying",
          "Copied",
          "ViewPublisher",
          "Broadcaster",
          "Dissemination",
          "Churn",
          "EventLanes",
          "LinkedPeers",
          "IntakeLimit",
          "Allowance",
          "Flaps",
          "Acquaintance.smoothed",
          "Acquaintance.variation",
          "Acquaintances.open",
          "FormedRing",
          "SharedBlocks",
          "MemberTable.changes",
          "MemberTable.blocks",
          "MemberTable.sorted",
          "Deaths.declared",
          "Refutation.times",
          "RingMachine.lastNow",
          "Joining.reasons",
          "Detector.timerAt",
          "Stabiliser.sequence",
          // Follows from when it was sent, as long as clocks are.
          "Renewal.time",
          "Arc.time");

  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  private record Plan(boolean identity, Field[] fields, int sequence) {}

  private static final ClassValue<Plan> PLANS =
      new ClassValue<>() {
        @Override
        protected Plan computeValue(Class<?> type) {
          return plan(type);
        }
      };

  private final IdentityHashMap<Object, Integer> met = new IdentityHashMap<>();
  private long now;
  private long base;
  private long hash;

  /** Begins a fingerprint. */
  void begin() {
    hash = 0x243f6a8885a308d3L;
  }

  long value() {
    return hash;
  }

  void add(long word) {
    long mixed = (hash ^ word) * 0x9e3779b97f4a7c15L;
    hash = mixed ^ (mixed >>> 29);
  }

  /**
   * Adds a message.
   *
   * @param latest the latest number of a question of the peer whose question it is or answers: only
   *     how far behind it lies matters
   */
  void add(Object message, long time, long latest) {
    base = latest;
    add(message, time);
    base = 0;
  }

  /** Adds an object as it is at a time by its own clock. */
  void add(Object object, long localNow) {
    now = localNow;
    met.clear();
    walk(object);
  }

  private static Plan plan(Class<?> type) {
    List<Field> fields = new ArrayList<>();
    for (Class<?> at = type; at != null && at != Object.class; at = at.getSuperclass()) {
      for (Field field : at.getDeclaredFields()) {
        Class<?> kind = field.getType();
        if (Modifier.isStatic(field.getModifiers())
            || field.isSynthetic()
            || LEFT_OUT.contains(kind.getSimpleName())
            || LEFT_OUT.contains(at.getSimpleName() + "." + field.getName())
            || Effects.class.isAssignableFrom(kind)
            || RingListener.class.isAssignableFrom(kind)
            || kind == RingConfig.class
            || kind.getSimpleName().endsWith("Config")) {
          continue;
        }
        field.setAccessible(true);
        fields.add(field);
      }
    }
    int sequence = -1;
    for (int i = 0; i < fields.size(); i++) {
      sequence = type.isRecord() && fields.get(i).getName().equals("sequence") ? i : sequence;
    }
    return new Plan(!type.isRecord(), fields.toArray(Field[]::new), sequence);
  }

  /** The number of a question. */
  static long sequence(Object question) {
    Plan plan = PLANS.get(question.getClass());
    try {
      return plan.fields()[plan.sequence()].getLong(question);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  private void number(long value) {
    long away = value - EPOCH;
    if (away >= -ERA && away <= ERA) {
      add(Math.max(value - now, -PAST) ^ 0x5bd1e995L << 32);
    } else {
      add(value);
    }
  }

  private void walk(Object object) {
    if (object == null) {
      add(7);
    } else if (object instanceof Key key) {
      add(key.high() ^ key.low() * 31);
    } else if (object instanceof PeerId id) {
      add(id.position().high() ^ id.position().low() * 31);
    } else if (object instanceof PeerRef ref) {
      add(ref.id().position().high() ^ ref.id().position().low() * 31 ^ ref.incarnation());
    } else if (object instanceof Long value) {
      number(value);
    } else if (object instanceof Number value) {
      add(value.longValue());
    } else if (object instanceof Enum<?> value) {
      add(value.ordinal() + 11);
    } else if (object instanceof Boolean
        || object instanceof String
        || object instanceof Character
        || object instanceof BitSet) {
      add(object.hashCode());
    } else if (object instanceof Optional<?> optional) {
      walk(optional.orElse(null));
    } else if (object instanceof Map<?, ?> map) {
      map(map);
    } else if (object instanceof Collection<?> collection) {
      collection(collection);
    } else if (object.getClass().isArray()) {
      array(object);
    } else if (object.getClass().getName().startsWith("dev.p2pkit.")
        && !object.getClass().isHidden()) {
      fields(object);
    } else {
      add(13);
    }
  }

  private void map(Map<?, ?> map) {
    add(map.size());
    if (!(map instanceof SortedMap)) {
      long before = hash;
      long sum = 0;
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        hash = before;
        walk(entry.getKey());
        walk(entry.getValue());
        sum += hash;
      }
      hash = before;
      add(sum);
    } else {
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        walk(entry.getKey());
        walk(entry.getValue());
      }
    }
  }

  private void collection(Collection<?> collection) {
    add(collection.size());
    boolean ordered =
        collection instanceof List
            || collection instanceof SortedSet
            || !(collection instanceof Set);
    long before = hash;
    long sum = 0;
    for (Object element : collection) {
      if (!ordered) {
        hash = before;
      }
      walk(element);
      sum += hash;
    }
    if (!ordered) {
      hash = before;
      add(sum);
    }
  }

  private void array(Object array) {
    if (array instanceof Object[] objects) {
      for (Object element : objects) {
        walk(element);
      }
    } else if (array instanceof long[] longs) {
      for (long element : longs) {
        number(element);
      }
    } else if (array instanceof int[] ints) {
      for (int element : ints) {
        add(element);
      }
    } else if (array instanceof byte[] bytes) {
      add(java.util.Arrays.hashCode(bytes));
    }
  }

  private void fields(Object object) {
    Plan plan = PLANS.get(object.getClass());
    if (plan.identity()) {
      Integer place = met.putIfAbsent(object, met.size());
      if (place != null) {
        add(place + 17);
        return;
      }
    }
    add(object.getClass().getName().hashCode());
    try {
      for (int i = 0; i < plan.fields().length; i++) {
        Field field = plan.fields()[i];
        Class<?> kind = field.getType();
        if (i == plan.sequence() && kind == long.class) {
          add(field.getLong(object) - base);
        } else if (kind == long.class) {
          number(field.getLong(object));
        } else if (kind == int.class) {
          add(field.getInt(object));
        } else if (kind == boolean.class) {
          add(field.getBoolean(object) ? 3 : 5);
        } else {
          walk(field.get(object));
        }
      }
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }
}
