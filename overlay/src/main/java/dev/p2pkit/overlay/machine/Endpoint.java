// Where a peer can be dialled.
package dev.p2pkit.overlay.machine;

/**
 * A host and a TCP port.
 *
 * @param host a name or literal address, 1 to 255 characters
 * @param port 1 to 65,535
 */
public record Endpoint(String host, int port) {
  public Endpoint {
    if (host.isEmpty() || host.length() > 255) {
      throw new IllegalArgumentException("a host has 1 to 255 characters");
    }
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("a port lies between 1 and 65535, not " + port);
    }
  }

  /**
   * Reads {@code host:port} or {@code [v6-address]:port}.
   *
   * @throws IllegalArgumentException if the text is anything else
   */
  public static Endpoint parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 1) {
      throw new IllegalArgumentException("an endpoint is written host:port, not '" + text + "'");
    }
    String host = text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    try {
      return new Endpoint(host, Integer.parseInt(text.substring(colon + 1)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("an endpoint is written host:port, not '" + text + "'", e);
    }
  }

  /** {@code host:port}; a v6 address stands in brackets. */
  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
