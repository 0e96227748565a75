// Which addresses never leave this machine.
package dev.p2pkit.overlay.transport;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Which addresses never leave this machine. */
final class Loopback {
  private Loopback() {}

  /**
   * Whether a host is certainly this machine's loopback. Looks no name up but {@code localhost}.
   */
  static boolean is(String host) {
    if (host.equals("localhost")) {
      return true;
    }
    boolean literal = host.indexOf(':') >= 0 || host.matches("[0-9.]+");
    try {
      return literal && InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /** Whether a host stands for all addresses of this machine. */
  static boolean isWildcard(String host) {
    return host.equals("0.0.0.0") || host.equals("::") || host.equals("0:0:0:0:0:0:0:0");
  }
}
