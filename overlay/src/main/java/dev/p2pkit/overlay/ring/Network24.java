// Which network an address belongs to, for limits on how many peers of one are believed.
package dev.p2pkit.overlay.ring;

import java.util.Optional;

/**
 * The /24 of an IPv4 address or the /48 of an IPv6 address. Who has one network has all addresses
 * in it, so many peers from there may be one adversary. Names and addresses that are not public
 * (loopback, link-local, RFC 1918, RFC 4193) have none: whoever has those is inside anyway.
 */
final class Network24 {
  private static final int HEXTETS = 3;

  private Network24() {}

  static Optional<String> of(String host) {
    if (host.indexOf(':') >= 0) {
      return ofHextets(host);
    }
    int end = host.lastIndexOf('.');
    if (end < 0 || !Character.isDigit(host.charAt(host.length() - 1))) {
      return Optional.empty();
    }
    String network = host.substring(0, end);
    boolean inside =
        network.startsWith("10.")
            || network.startsWith("127.")
            || network.startsWith("192.168.")
            || network.startsWith("169.254.")
            || (network.startsWith("172.") && secondIsPrivate(network));
    return inside ? Optional.empty() : Optional.of(network);
  }

  private static boolean secondIsPrivate(String network) {
    String[] parts = network.split("\\.", -1);
    return parts.length > 1 && parts[1].matches("1[6-9]|2[0-9]|3[01]");
  }

  private static Optional<String> ofHextets(String host) {
    String lower = host.toLowerCase(java.util.Locale.ROOT);
    if (lower.startsWith("::") || lower.startsWith("f")) {
      return Optional.empty();
    }
    int end = -1;
    for (int i = 0; i < HEXTETS; i++) {
      int next = lower.indexOf(':', end + 1);
      if (next < 0 || next == end + 1) {
        break;
      }
      end = next;
    }
    return Optional.of(lower.substring(0, end));
  }
}
