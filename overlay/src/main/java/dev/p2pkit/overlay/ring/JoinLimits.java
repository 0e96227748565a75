// How many peers one peer admits a second, in all and from one network.
package dev.p2pkit.overlay.ring;

import com.google.common.net.InetAddresses;
import dev.p2pkit.overlay.machine.Endpoint;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Arrays;

/**
 * Slows down whoever makes identities by the thousand: a peer admits so many a second, and fewer
 * from one network (the first three bytes of an IPv4 address, the first six of an IPv6 address, or
 * one host name). A newcomer beyond that is told when to ask again.
 */
final class JoinLimits {
  private static final long SECOND = 1_000_000;
  private static final int BYTES_OF_V4 = 3;
  private static final int BYTES_OF_V6 = 6;

  /** The one requester that stands for all. */
  private static final String ALL = "";

  private final LimitsConfig config;
  private final Allowance<String> all;
  private final Allowance<String> networks;
  private long refused;

  JoinLimits(LimitsConfig config) {
    this.config = config;
    all = new Allowance<>(config.joinsPerSecond());
    networks = new Allowance<>(config.joinsPerNetwork());
  }

  /** 0 if a newcomer may come in now, else how long it should wait. */
  long pauseFor(Endpoint newcomer, long now) {
    // The network first: those that are refused for it leave the others their share.
    if (!networks.take(networkOf(newcomer.host()), now)) {
      refused++;
      return SECOND / config.joinsPerNetwork();
    }
    if (!all.take(ALL, now)) {
      refused++;
      return SECOND / config.joinsPerSecond();
    }
    return 0;
  }

  long refused() {
    return refused;
  }

  /** Whether whoever reaches this address is on this very machine; then there are no limits. */
  static boolean isLocal(Endpoint self) {
    String host = self.host();
    return InetAddresses.isInetAddress(host) && InetAddresses.forString(host).isLoopbackAddress();
  }

  static String networkOf(String host) {
    if (!InetAddresses.isInetAddress(host)) {
      return host;
    }
    InetAddress address = InetAddresses.forString(host);
    int bytes = address instanceof Inet4Address ? BYTES_OF_V4 : BYTES_OF_V6;
    return Arrays.toString(Arrays.copyOf(address.getAddress(), bytes));
  }
}
