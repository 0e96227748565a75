// How a transport is set up.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.sdk.Key;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How a transport is set up.
 *
 * @param host the local address to listen on; default 127.0.0.1
 * @param port the port to listen on, 0 for any free one; default 0
 * @param advertise where others reach this peer, if that is not where it listens; default the
 *     address it listens on
 * @param network the name of the network, 1 to 100 bytes of UTF-8; default {@code p2pkit}
 * @param membership how members prove that they are; default none
 * @param tls whether links are encrypted; without, only loopback addresses can be used; default
 *     true
 * @param open whether to listen on other addresses than loopback without proof of membership;
 *     default false
 * @param times how long what may take
 * @param limits how much may wait
 * @param rates how fast a channel may be
 * @param lock names the lock that this process holds for as long as it lives ({@link
 *     DataDirectory#lock}): with it, others take a later process that holds the same lock for proof
 *     that this one is dead; default none, and then its death shows in other ways only
 * @param lease how long the leases of this peer run, more than 0; peers that differ in it refuse
 *     each other, since a key could have two owners between them; default 4 s
 */
public record TransportConfig(
    String host,
    int port,
    Optional<Endpoint> advertise,
    String network,
    Membership membership,
    boolean tls,
    boolean open,
    LinkTimes times,
    LinkLimits limits,
    LinkRates rates,
    Optional<Key> lock,
    Duration lease) {
  /** The longest name of a network, in bytes of UTF-8. */
  public static final int NETWORK_BYTES = 100;

  /** Checks the ranges. */
  public TransportConfig {
    if (host.isEmpty() || host.length() > 255) {
      throw new IllegalArgumentException("a host has 1 to 255 characters");
    }
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("a port lies between 0 and 65535, not " + port);
    }
    checkNetwork(network);
    if (lease.isNegative() || lease.isZero()) {
      throw new IllegalArgumentException("a lease has a positive length, not " + lease);
    }
  }

  static void checkNetwork(String network) {
    int bytes = network.getBytes(StandardCharsets.UTF_8).length;
    if (bytes == 0 || bytes > NETWORK_BYTES) {
      throw new IllegalArgumentException(
          "the name of a network has 1 to " + NETWORK_BYTES + " bytes, not " + bytes);
    }
  }

  /** The defaults: any free port of 127.0.0.1, TLS, no proof of membership. */
  public static TransportConfig defaults() {
    return new TransportConfig(
        "127.0.0.1",
        0,
        Optional.empty(),
        "p2pkit",
        Membership.none(),
        true,
        false,
        LinkTimes.defaults(),
        LinkLimits.defaults(),
        LinkRates.unlimited(),
        Optional.empty(),
        Duration.ofSeconds(4));
  }

  /** The same, listening elsewhere. */
  public TransportConfig withBind(String newHost, int newPort) {
    return with(
        other -> {
          other.host = newHost;
          other.port = newPort;
        });
  }

  /** The same, reached by others at this address. */
  public TransportConfig withAdvertise(Endpoint endpoint) {
    return with(other -> other.advertise = Optional.of(endpoint));
  }

  /** The same in another network. */
  public TransportConfig withNetwork(String name) {
    return with(other -> other.network = name);
  }

  /** The same with another proof of membership. */
  public TransportConfig withMembership(Membership proof) {
    return with(other -> other.membership = proof);
  }

  /** The same with or without encryption. */
  public TransportConfig withTls(boolean value) {
    return with(other -> other.tls = value);
  }

  /** The same, open to everybody or not. */
  public TransportConfig withOpen(boolean value) {
    return with(other -> other.open = value);
  }

  /** The same with other times. */
  public TransportConfig withTimes(LinkTimes value) {
    return with(other -> other.times = value);
  }

  /** The same with other bounds. */
  public TransportConfig withLimits(LinkLimits value) {
    return with(other -> other.limits = value);
  }

  /** The same with other rates. */
  public TransportConfig withRates(LinkRates value) {
    return with(other -> other.rates = value);
  }

  /** The same, holding this lock. */
  public TransportConfig withLock(Optional<Key> value) {
    return with(other -> other.lock = value);
  }

  /** The same with leases of another length. */
  public TransportConfig withLease(Duration value) {
    return with(other -> other.lease = value);
  }

  /** Whether the address that others are told is one where this process itself listens. */
  boolean isDirect() {
    return advertise.isEmpty();
  }

  private TransportConfig with(Consumer<Draft> change) {
    Draft other = new Draft(this);
    change.accept(other);
    return other.config();
  }

  /** The components, to be changed one by one. */
  private static final class Draft {
    private String host;
    private int port;
    private Optional<Endpoint> advertise;
    private String network;
    private Membership membership;
    private boolean tls;
    private boolean open;
    private LinkTimes times;
    private LinkLimits limits;
    private LinkRates rates;
    private Optional<Key> lock;
    private Duration lease;

    Draft(TransportConfig from) {
      host = from.host;
      port = from.port;
      advertise = from.advertise;
      network = from.network;
      membership = from.membership;
      tls = from.tls;
      open = from.open;
      times = from.times;
      limits = from.limits;
      rates = from.rates;
      lock = from.lock;
      lease = from.lease;
    }

    TransportConfig config() {
      return new TransportConfig(
          host, port, advertise, network, membership, tls, open, times, limits, rates, lock, lease);
    }
  }
}
