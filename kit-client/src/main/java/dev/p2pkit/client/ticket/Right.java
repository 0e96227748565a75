// What a ticket allows.
package dev.p2pkit.client.ticket;

import dev.p2pkit.overlay.machine.WireException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** What the holder of a ticket may do. The bit of a right on the wire is {@link #bit}. */
public enum Right {
  /** Send, call, broadcast, look services up, open proxies. */
  USE(1),
  /**
   * Install and upgrade services and steer their roll-outs, with an owner key of the client's own
   * or a service ticket.
   */
  INSTALL(2),
  /** See peers, the ring, events, and the messages at access points of the proxy peer. */
  OBSERVE(4);

  private final int bit;

  Right(int bit) {
    this.bit = bit;
  }

  /** The bit that stands for this right in a ticket. */
  public int bit() {
    return bit;
  }

  /** All rights. */
  public static Set<Right> all() {
    return EnumSet.allOf(Right.class);
  }

  /**
   * Rights as people write them: names in any case, with commas between them.
   *
   * @throws IllegalArgumentException with a sentence that names all rights, if one is none of them
   */
  public static Set<Right> parse(String list) {
    Set<Right> rights = EnumSet.noneOf(Right.class);
    for (String word : list.split(",", -1)) {
      String name = word.strip().toUpperCase(Locale.ROOT);
      rights.add(
          Arrays.stream(values())
              .filter(right -> right.name().equals(name))
              .findFirst()
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "'"
                              + word.strip()
                              + "' is no right of a client ticket; give one or more of "
                              + text(all())
                              + ", with commas between them")));
    }
    return rights;
  }

  /** What {@link #parse} reads. */
  public static String text(Set<Right> rights) {
    return rights.stream()
        .sorted()
        .map(right -> right.name().toLowerCase(Locale.ROOT))
        .collect(Collectors.joining(","));
  }

  static int encode(Set<Right> rights) {
    int bits = 0;
    for (Right right : rights) {
      bits |= right.bit;
    }
    return bits;
  }

  static Set<Right> decode(int bits) {
    Set<Right> rights = EnumSet.noneOf(Right.class);
    int known = 0;
    for (Right right : values()) {
      known |= right.bit;
      if ((bits & right.bit) != 0) {
        rights.add(right);
      }
    }
    if ((bits & ~known) != 0 || rights.isEmpty()) {
      throw new WireException("a ticket names no right, or one that this version does not know");
    }
    return rights;
  }
}
