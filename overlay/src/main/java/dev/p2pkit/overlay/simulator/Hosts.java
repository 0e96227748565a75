// Where simulated peers can be dialled.
package dev.p2pkit.overlay.simulator;

import dev.p2pkit.overlay.machine.Endpoint;
import java.util.ArrayList;
import java.util.List;

/**
 * Addresses of simulated peers. 2,000 ports a host keep the names few; hosts play no part in the
 * model.
 */
final class Hosts {
  private static final String PREFIX = "host-";
  private static final int PORTS = 2_000;
  private static final int FIRST_PORT = 10_000;

  private final List<String> names = new ArrayList<>();

  Endpoint endpoint(int index) {
    int host = index / PORTS;
    while (names.size() <= host) {
      names.add(PREFIX + names.size());
    }
    return new Endpoint(names.get(host), FIRST_PORT + index % PORTS);
  }

  /** The index of the peer with this address, or -1 for an address of no simulated host. */
  int index(Endpoint endpoint) {
    int port = endpoint.port() - FIRST_PORT;
    String host = endpoint.host();
    if (port < 0 || port >= PORTS || !host.startsWith(PREFIX)) {
      return -1;
    }
    try {
      int number = Integer.parseInt(host.substring(PREFIX.length()));
      return number < 0 || number >= names.size() ? -1 : number * PORTS + port;
    } catch (NumberFormatException e) {
      return -1;
    }
  }
}
