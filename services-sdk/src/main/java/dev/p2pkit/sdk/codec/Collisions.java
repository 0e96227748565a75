// What the keys of one body cost whose hash codes are equal.
package dev.p2pkit.sdk.codec;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Bounds how often keys are compared while the sets and maps of one body are made. A hash table
 * compares a key with all that have the same hash code, unless all are of one class that says how
 * its values are ordered, as strings and numbers do; so a sender that chooses records with equal
 * hash codes could have its receiver work for hours. Not for states: what was stored must be
 * readable.
 */
final class Collisions {
  /** So many comparisons are free in each body: a set of 2,896 keys with one hash code. */
  static final int FREE = 1 << 22;

  /** And so many more for each key. */
  static final int FREE_PER_KEY = 64;

  /** Containers of so many elements are not looked at. */
  private static final int SMALL = 16;

  /** Of these a hash table finds one among many with its hash code without comparing with all. */
  private static final Set<Class<?>> ORDERED =
      Set.of(
          String.class,
          Long.class,
          Integer.class,
          Short.class,
          Byte.class,
          Character.class,
          Boolean.class,
          Double.class,
          Float.class,
          BigInteger.class,
          BigDecimal.class,
          UUID.class,
          Instant.class,
          Duration.class);

  private final boolean bounded;
  private long free = FREE;

  private Collisions(boolean bounded) {
    this.bounded = bounded;
  }

  /** For one body that came from outside. */
  static Collisions bounded() {
    return new Collisions(true);
  }

  /** For what this process, or one before it, has stored itself. */
  static Collisions unbounded() {
    return new Collisions(false);
  }

  /**
   * The keys of a hash table that is being made.
   *
   * @param present a view of those that it has
   * @param most how many it will have
   */
  Keys in(Collection<?> present, int most) {
    return new Keys(present, bounded && most > SMALL);
  }

  /** The keys of one hash table. */
  final class Keys {
    private final Collection<?> present;
    private final boolean watched;
    private @Nullable Class<?> ordered;
    private @Nullable Map<Integer, Integer> sharing;
    private int latest;
    private int size;

    private Keys(Collection<?> present, boolean watched) {
      this.present = present;
      this.watched = watched;
    }

    /**
     * A key is about to be put into the table.
     *
     * @throws CodecException if too many have its hash code
     */
    void next(@Nullable Object key) {
      if (!watched || (sharing == null && isOrderedAsAll(key))) {
        return;
      }
      int hash = Objects.hashCode(key);
      int equal = counted().getOrDefault(hash, 0);
      free += FREE_PER_KEY - equal;
      if (free < 0) {
        throw new CodecException(
            "too many keys of a set or map have the same hash code, "
                + equal
                + " of them "
                + hash
                + ": give "
                + (key == null ? "their class" : Scalars.shorten(key.getClass().getName()))
                + " a hashCode that spreads, or send a list");
      }
      latest = hash;
      size = present.size();
    }

    private boolean isOrderedAsAll(@Nullable Object key) {
      if (key == null || (ordered != null && ordered != key.getClass())) {
        return false;
      }
      if (ordered == null && ORDERED.contains(key.getClass())) {
        ordered = key.getClass();
      }
      return ordered != null;
    }

    /** How many keys have which hash code, up to the one before this. */
    private Map<Integer, Integer> counted() {
      Map<Integer, Integer> counts = sharing;
      if (counts == null) {
        counts = new HashMap<>();
        for (Object each : present) {
          counts.merge(Objects.hashCode(each), 1, Integer::sum);
        }
        sharing = counts;
      } else if (present.size() > size) {
        counts.merge(latest, 1, Integer::sum);
      }
      return counts;
    }
  }
}
