// How a peer is configured; every setting has a default that suits a first try on one machine.
package dev.p2pkit.peer;

import dev.p2pkit.client.record.Wave;
import dev.p2pkit.overlay.lease.LeaseConfig;
import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.ring.LadderConfig;
import dev.p2pkit.overlay.transport.LinkLimits;
import dev.p2pkit.peer.registry.RegistryConfig;
import dev.p2pkit.peer.service.Quota;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.NetworkEvent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Settings of a {@link Peer}. Not thread-safe; {@link #start} may be called once. */
public final class PeerBuilder {
  Optional<Path> dataDirectory = Optional.empty();
  String host = "127.0.0.1";
  int port = 0;
  Optional<Endpoint> advertise = Optional.empty();
  List<String> entryPoints = new ArrayList<>();
  JoinMode joinMode = JoinMode.CREATE_OR_JOIN;
  Duration joinLimit = Duration.ofSeconds(15);
  String network = "p2pkit";
  Optional<Path> secretFile = Optional.empty();
  Optional<Path> rootCertificate = Optional.empty();
  Optional<String> rootKey = Optional.empty();
  int idPuzzle = 0;
  int dialsPerSource = LinkLimits.defaults().sourceDials();
  int handshakes = LinkLimits.defaults().handshakes();
  int overlayBandwidth = LadderConfig.DEFAULT.bytesPerSecond();
  long tableMemory = LadderConfig.DEFAULT.tableBytes();
  int keepArchives = RegistryConfig.MOST_ARCHIVES;
  int contacts = LadderConfig.DEFAULT.contacts();
  HeartbeatProfile heartbeat = HeartbeatProfile.DEFAULT;
  boolean trustDeath = LeaseConfig.DEFAULT.trustDeath();
  boolean open = false;
  boolean tls = true;
  InstallPolicy installPolicy = InstallPolicy.TRUSTED;
  List<String> trusted = new ArrayList<>();
  Optional<Path> ownerKey = Optional.empty();
  List<String> serviceTickets = new ArrayList<>();
  Map<String, String> labels = new TreeMap<>();
  final Map<String, Quota> quotas = new LinkedHashMap<>();
  Consumer<NetworkEvent> firstListener = event -> {};
  final Map<String, Consumer<Message>> accessPoints = new LinkedHashMap<>();

  PeerBuilder() {}

  /**
   * Where the peer keeps its identity, archives, registry and the services' files. Without one it
   * has a new identity at each start and uses a temporary directory, which is deleted when the peer
   * is closed.
   */
  public PeerBuilder dataDirectory(Path directory) {
    dataDirectory = Optional.of(directory);
    return this;
  }

  /**
   * The local address to listen on; loopback by default. Others need a secret, a root certificate
   * or {@link #open}.
   */
  public PeerBuilder host(String address) {
    host = address;
    return this;
  }

  /** The port to listen on, 0 to 65,535; 0, the default, takes a free one. */
  public PeerBuilder port(int number) {
    port = number;
    return this;
  }

  /**
   * What other peers dial, where that differs from {@link #host} and {@link #port}: behind a port
   * forward, or for a name.
   */
  public PeerBuilder advertise(Endpoint endpoint) {
    advertise = Optional.of(endpoint);
    return this;
  }

  /**
   * Peers to join through, each {@code host:port} or {@code host:port#id}; tried in random order.
   */
  public PeerBuilder entryPoints(List<String> points) {
    entryPoints = new ArrayList<>(points);
    return this;
  }

  /** Whether to create or join; {@link JoinMode#CREATE_OR_JOIN} by default. */
  public PeerBuilder joinMode(JoinMode mode) {
    joinMode = mode;
    return this;
  }

  /** How long joining may take; 15 s by default. */
  public PeerBuilder joinLimit(Duration limit) {
    joinLimit = limit;
    return this;
  }

  /** The network's name; peers of different names refuse each other. */
  public PeerBuilder network(String name) {
    network = name;
    return this;
  }

  /** A file with the network's secret: 16 to 4,096 bytes that every peer of the network has. */
  public PeerBuilder secretFile(Path file) {
    secretFile = Optional.of(file);
    return this;
  }

  /** A file with this peer's certificate of membership, signed by the network's root. */
  public PeerBuilder rootCertificate(Path file) {
    rootCertificate = Optional.of(file);
    return this;
  }

  /**
   * The public key of the network's root, 64 hexadecimal digits: whose bans this peer obeys. That
   * of the root certificate by default; needed only in a network with a secret.
   */
  public PeerBuilder rootKey(String publicKey) {
    rootKey = Optional.of(publicKey);
    return this;
  }

  /**
   * In an open network: takes only peers whose identity solves a puzzle ({@link
   * dev.p2pkit.overlay.transport.IdPuzzle}); all peers of the network say the same. Not together
   * with a secret or a certificate.
   *
   * @param bits 1 to 24; 0, the default, for none
   */
  public PeerBuilder idPuzzle(int bits) {
    idPuzzle = bits;
    return this;
  }

  /**
   * What the overlay may send, messages of programs and broadcasts not counted: where knowing every
   * peer would cost more, the peer knows fewer and messages take more hops.
   *
   * @param bytesPerSecond at least 256, before TLS and TCP; 4,096 by default
   */
  public PeerBuilder overlayBandwidth(int bytesPerSecond) {
    overlayBandwidth = bytesPerSecond;
    return this;
  }

  /**
   * How often one address (IPv6: one /64) may dial this peer; four times as often at once.
   *
   * @param perSecond at least 1; 128 by default
   */
  public PeerBuilder dialsPerSource(int perSecond) {
    dialsPerSource = perSecond;
    return this;
  }

  /**
   * How many handshakes the peers of this process begin at a time, of those they dial and of those
   * who dial them each; the others wait for their turn.
   *
   * @param atOnce at least 1; 16 for each processor by default
   */
  public PeerBuilder handshakes(int atOnce) {
    handshakes = atOnce;
    return this;
  }

  /**
   * What the table of peers may take of memory; at 96 bytes a peer.
   *
   * @param bytes at least 4,096; 16 MiB by default
   */
  public PeerBuilder tableMemory(long bytes) {
    tableMemory = bytes;
    return this;
  }

  /**
   * How many peers are known in each part of the ring that is not known whole, in networks too
   * large for the budget ({@link #overlayBandwidth}). More of them help where many hosts die at
   * once, and cost as much again each; peers of a network may differ.
   *
   * @param perSector 1 to 16; 2 by default
   */
  public PeerBuilder contacts(int perSector) {
    contacts = perSector;
    return this;
  }

  /**
   * How many archives of each service are kept in the data directory, the one in force included:
   * what its owner can roll back to without bringing it again. What is in use is kept in any case;
   * peers of a network may differ.
   *
   * @param number 2 to 16; 16 by default
   */
  public PeerBuilder keepArchives(int number) {
    keepArchives = number;
    return this;
  }

  /**
   * How fast silence is noticed; {@link HeartbeatProfile#DEFAULT} by default. The same for all
   * peers of a network, others are refused.
   */
  public PeerBuilder heartbeat(HeartbeatProfile profile) {
    heartbeat = profile;
    return this;
  }

  /**
   * Whether a refused dial, or a newer process with the same lock, proves to this peer that another
   * is dead, so that its keys pass at once (rule R10 of leased ownership). False where somebody can
   * forge TCP resets: keys then pass when the lease has run out. Concerns what this peer has
   * granted; peers of a network may differ.
   *
   * @param trusted true by default
   */
  public PeerBuilder trustDeath(boolean trusted) {
    trustDeath = trusted;
    return this;
  }

  /** Allows an address other than loopback without any proof of membership. */
  public PeerBuilder open(boolean allowed) {
    open = allowed;
    return this;
  }

  /** Whether links are encrypted; without it a peer binds loopback only. For benchmarks. */
  public PeerBuilder tls(boolean encrypted) {
    tls = encrypted;
    return this;
  }

  /** Whose services this peer runs; {@link InstallPolicy#TRUSTED} by default. */
  public PeerBuilder installPolicy(InstallPolicy policy) {
    installPolicy = policy;
    return this;
  }

  /**
   * Owners whose services this peer runs: public keys as 64 hexadecimal digits, or files that hold
   * one.
   */
  public PeerBuilder trust(List<String> owners) {
    trusted = new ArrayList<>(owners);
    return this;
  }

  /**
   * The key with which this peer's own installs are signed; the user's by default. It is trusted
   * here.
   */
  public PeerBuilder ownerKey(Path file) {
    ownerKey = Optional.of(file);
    return this;
  }

  /**
   * Limits what a service may use up on this peer; what it asks for itself holds, too, and the
   * smaller counts.
   *
   * @param service its name; {@code *} for every service
   */
  public PeerBuilder serviceQuota(String service, Quota quota) {
    quotas.put(service, quota);
    return this;
  }

  /**
   * Service tickets by which this peer's program, and the services on it, may call restricted
   * services. The start fails with {@code BAD_TICKET} if one is unusable.
   */
  public PeerBuilder serviceTickets(List<String> tickets) {
    serviceTickets = new ArrayList<>(tickets);
    return this;
  }

  /**
   * Registers a receiver before the peer joins, so that it sees every message from the first
   * instant. It is called on a thread of the peer, one message at a time; the message is
   * acknowledged when it returns.
   */
  public PeerBuilder accessPoint(String name, Consumer<Message> receiver) {
    Reserved.checkOwn(name);
    accessPoints.put(name, receiver);
    return this;
  }

  /**
   * Says something of this peer by which waves of a roll-out may choose it, for example {@code
   * site} and {@code lab}. Both have up to 64 letters, digits, '.', '_' or '-'.
   */
  public PeerBuilder label(String key, String value) {
    if (!Wave.isLabel(key + "=" + value)) {
      throw new IllegalArgumentException(
          "a label is written key=value with up to 64 letters, digits, '.', '_' or '-' each");
    }
    labels.put(key, value);
    return this;
  }

  /**
   * Hears of every event from the very beginning, those of joining included; {@link Peer#events}
   * shows only later ones. Called on a thread of the peer; must not block.
   */
  public PeerBuilder onEvent(Consumer<NetworkEvent> listener) {
    firstListener = listener;
    return this;
  }

  /**
   * Starts the peer: binds its port, joins or creates the network, catches up with the services,
   * and only then takes messages.
   *
   * <p>Fails with {@link dev.p2pkit.sdk.ErrorCode#ADDRESS_IN_USE}, {@code NO_ROUTE} (no entry point
   * answered), {@code NETWORK_MISMATCH} or {@code UNAUTHORISED}; nothing is left behind then.
   */
  public CompletableFuture<Peer> start() {
    return PeerAssembly.start(this);
  }
}
