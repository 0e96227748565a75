// What the network's root lets an owner do.
package dev.p2pkit.peer.trust;

import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The right to have services run on all peers that trust the root.
 *
 * @param rights at least one
 * @param names of services for which it holds, 1 to {@value #MOST_NAMES}
 * @param expires until when; what the owner signs later is not run. Whole milliseconds
 */
public record OwnerGrant(Set<Right> rights, List<NamePattern> names, Instant expires) {
  /** How many patterns at most. */
  public static final int MOST_NAMES = 8;

  /** What an owner may sign. */
  public enum Right {
    /** The first record of a service. */
    INSTALL(1),
    /** What follows: upgrades, and the control of roll-outs. */
    UPGRADE(2);

    private final int bit;

    Right(int bit) {
      this.bit = bit;
    }

    /** How people write it. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Checks the bounds. */
  public OwnerGrant {
    rights = Set.copyOf(rights);
    names = names.stream().distinct().sorted().toList();
    expires = Instant.ofEpochMilli(expires.toEpochMilli());
    if (rights.isEmpty() || names.isEmpty() || names.size() > MOST_NAMES) {
      throw new IllegalArgumentException(
          "an owner is trusted with at least one right and 1 to " + MOST_NAMES + " names");
    }
  }

  /** Whether a service of this name is covered. */
  boolean covers(String name) {
    return names.stream().anyMatch(pattern -> pattern.covers(name));
  }

  int bits() {
    return rights.stream().mapToInt(right -> right.bit).sum();
  }

  /** The rights for these bits; empty if there are none, or unknown ones. */
  static Set<Right> rights(int bits) {
    Set<Right> rights = EnumSet.noneOf(Right.class);
    for (Right right : Right.values()) {
      if ((bits & right.bit) != 0) {
        rights.add(right);
      }
    }
    return rights.stream().mapToInt(right -> right.bit).sum() == bits ? rights : Set.of();
  }

  /** The patterns, for people. */
  public String namesText() {
    return names.stream().map(NamePattern::text).collect(Collectors.joining(", "));
  }
}
