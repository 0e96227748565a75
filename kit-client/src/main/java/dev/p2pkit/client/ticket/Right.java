// What a ticket allows.
package dev.p2pkit.client.ticket;

import dev.p2pkit.overlay.machine.WireException;
import java.util.EnumSet;
import java.util.Set;

/** What the holder of a ticket may do. The bit of a right on the wire is {@link #bit}. */
public enum Right {
  /** Send, call, broadcast, look services up, open proxies. */
  USE(1),
  /** Install and upgrade services, with an owner key of the client's own. */
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
