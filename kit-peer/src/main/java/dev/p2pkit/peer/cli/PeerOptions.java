// With what a peer is started, as the command line says it.
package dev.p2pkit.peer.cli;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.ring.LadderConfig;
import dev.p2pkit.overlay.transport.IdPuzzle;
import dev.p2pkit.peer.HeartbeatProfile;
import dev.p2pkit.peer.InstallPolicy;
import dev.p2pkit.peer.JoinMode;
import dev.p2pkit.peer.Peer;
import dev.p2pkit.peer.PeerBuilder;
import dev.p2pkit.peer.RememberedFile;
import dev.p2pkit.peer.registry.RegistryConfig;
import dev.p2pkit.peer.service.Quota;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The peer's network, its place, what it may spend, and whom it trusts. */
final class PeerOptions {
  @Option(
      names = "--create",
      description =
          "Creates a network; together with --join only if none of the entry points answers, and in a"
              + " data directory that remembers peers only if none of those does.")
  boolean create;

  @Option(
      names = "--join",
      split = ",",
      paramLabel = "HOST:PORT[#ID]",
      description =
          "Joins through one of these peers, tried in random order. Not needed where the data"
              + " directory remembers peers from an earlier start.")
  List<String> join = new ArrayList<>();

  @Option(
      names = "--observe",
      description =
          "Stay outside of the ring: this peer is responsible for nothing but its own id, and"
              + " reaches the network through the peer after it.")
  boolean observe;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description =
          "Where identity, archives and the services' files are kept; by default a temporary"
              + " directory, and then the peer has another id at each start.")
  Optional<Path> dataDirectory = Optional.empty();

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description = "The address to listen on; loopback by default.")
  String host = "127.0.0.1";

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "The port to listen on; 0, the default, takes a free one.")
  int port;

  @Option(
      names = "--advertise",
      paramLabel = "HOST:PORT",
      description = "What others dial, where that differs from --host and --port.")
  Optional<Endpoint> advertise = Optional.empty();

  @Option(
      names = "--network",
      paramLabel = "NAME",
      description = "The network's name; peers of other networks are refused.")
  String network = "p2pkit";

  @Option(
      names = "--secret-file",
      paramLabel = "FILE",
      description = "The network's shared secret: 16 to 4096 bytes, the same for every peer.")
  Optional<Path> secretFile = Optional.empty();

  @Option(
      names = "--certificate",
      paramLabel = "FILE",
      description = "This peer's certificate of membership, signed by the network's root.")
  Optional<Path> certificate = Optional.empty();

  @Option(
      names = "--root-key",
      paramLabel = "KEY",
      description =
          "The public key of the network's root, whose bans are obeyed; taken from --certificate by"
              + " default.")
  Optional<String> rootKey = Optional.empty();

  @Option(
      names = "--id-puzzle",
      paramLabel = "BITS",
      description =
          "In a network without secret or certificates: takes only peers whose identity solves a"
              + " puzzle of so many bits, 1 to 24; the same for every peer. A new identity is"
              + " searched for: about 2^BITS key pairs.")
  int idPuzzle;

  @Option(
      names = "--overlay-bandwidth",
      paramLabel = "BYTES",
      defaultValue = "4096",
      description =
          "What the overlay may send a second, besides messages and broadcasts of programs; at"
              + " least 256, default: ${DEFAULT-VALUE}. Where knowing every peer would cost more,"
              + " this peer knows fewer and messages take more hops.")
  int overlayBandwidth;

  @Option(
      names = "--dials-per-source",
      paramLabel = "N",
      defaultValue = "128",
      description =
          "How often one address (IPv6: one /64) may dial this peer in a second, four times as often"
              + " at once; default: ${DEFAULT-VALUE}. Higher behind an address that many share.")
  int dialsPerSource;

  @Option(
      names = "--handshakes",
      paramLabel = "N",
      description =
          "How many handshakes this process begins at a time, of its own dials and of those who dial"
              + " it each; the others wait. Default: 16 for each processor.")
  Optional<Integer> handshakes = Optional.empty();

  @Option(
      names = "--table-memory",
      paramLabel = "KIB",
      defaultValue = "16384",
      description =
          "What the table of peers may take of memory, 96 bytes for each; at least 4, default:"
              + " ${DEFAULT-VALUE}.")
  int tableMemory;

  @Option(
      names = "--keep-archives",
      paramLabel = "N",
      defaultValue = "16",
      description =
          "How many archives of each service are kept for rollbacks, the one in force included, 2"
              + " to 16; default: ${DEFAULT-VALUE}.")
  int keepArchives;

  @Option(
      names = "--contacts",
      paramLabel = "N",
      defaultValue = "2",
      description =
          "In a network too large to know every peer: how many are known in each part of the ring"
              + " that is not known whole, 1 to 16; default: ${DEFAULT-VALUE}.")
  int contacts;

  @Option(
      names = "--heartbeat",
      paramLabel = "PROFILE",
      description =
          "How fast silence is noticed: default (a heartbeat a second, leases of 4 s) or fast (four"
              + " a second, leases of 1.25 s; for round trips of a few milliseconds). The same for"
              + " every peer of a network; others are refused.")
  HeartbeatProfile heartbeat = HeartbeatProfile.DEFAULT;

  @Option(
      names = "--distrust-death",
      description =
          "Takes no refused dial and no newer process for proof that a peer is dead: its keys pass"
              + " when its lease has run out. Where somebody can forge TCP resets.")
  boolean distrustDeath;

  @Option(
      names = "--open",
      description = "Listens on other addresses than loopback without any proof of membership.")
  boolean open;

  @Option(
      names = "--plaintext",
      description = "Does not encrypt; for benchmarks, refused on any address but loopback.")
  boolean plaintext;

  @Option(
      names = "--install-policy",
      paramLabel = "POLICY",
      description = "Whose services run here: deny, trusted (the default) or any.")
  InstallPolicy installPolicy = InstallPolicy.TRUSTED;

  @Option(
      names = "--trust",
      split = ",",
      paramLabel = "KEY",
      description = "Owners whose services run here: public keys (64 hexadecimal digits) or files.")
  List<String> trust = new ArrayList<>();

  @Option(
      names = "--owner-key",
      paramLabel = "FILE",
      description = "The owner key of this peer's own installs; it is trusted here.")
  Optional<Path> ownerKey = Optional.empty();

  @Option(
      names = "--label",
      split = ",",
      paramLabel = "KEY=VALUE",
      description =
          "What waves of a roll-out may choose this peer by, for example site=lab; repeatable.")
  Map<String, String> labels = new LinkedHashMap<>();

  @Option(
      names = "--service-quota",
      paramLabel = "NAME:QUOTA",
      description =
          "What a service may use up here, repeatable, '*' for every service:"
              + " NAME:cpu=20%%,alloc=50M/s,messages=1000/s,state=16M. What it asks for itself"
              + " holds, too; the smaller counts.")
  List<String> quotas = new ArrayList<>();

  @Option(
      names = "--service-ticket",
      paramLabel = "TICKET",
      description =
          "A service ticket by which services on this peer may call a restricted service; repeatable.")
  List<String> serviceTickets = new ArrayList<>();

  /** Fails with {@link IllegalArgumentException} and a sentence if something cannot be used. */
  PeerBuilder settings() {
    boolean remembers = dataDirectory.map(RememberedFile::isIn).orElse(false);
    if (!create && join.isEmpty() && !remembers) {
      throw new IllegalArgumentException(
          "say --create for the first peer of a network, or --join HOST:PORT#ID");
    }
    if (observe && (create || join.isEmpty())) {
      throw new IllegalArgumentException(
          "an observer needs --join HOST:PORT#ID, and --create makes no sense with it");
    }
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("a port lies between 0 and 65535, not " + port);
    }
    if (idPuzzle < 0 || idPuzzle > IdPuzzle.MOST_BITS) {
      throw new IllegalArgumentException(
          "a puzzle has 0 to " + IdPuzzle.MOST_BITS + " bits, not " + idPuzzle);
    }
    if (overlayBandwidth < 256 || tableMemory < 4) {
      throw new IllegalArgumentException(
          "the overlay needs at least 256 bytes a second and a table of 4 KiB");
    }
    if (contacts < 1 || contacts > LadderConfig.MOST_CONTACTS) {
      throw new IllegalArgumentException(
          "--contacts is 1 to " + LadderConfig.MOST_CONTACTS + ", not " + contacts);
    }
    if (keepArchives < RegistryConfig.FEWEST_ARCHIVES
        || keepArchives > RegistryConfig.MOST_ARCHIVES) {
      throw new IllegalArgumentException(
          "--keep-archives is "
              + RegistryConfig.FEWEST_ARCHIVES
              + " to "
              + RegistryConfig.MOST_ARCHIVES
              + ", not "
              + keepArchives);
    }
    if (dialsPerSource < 1) {
      throw new IllegalArgumentException(
          "an address must be allowed to dial at least once a second");
    }
    if (handshakes.isPresent() && handshakes.get() < 1) {
      throw new IllegalArgumentException("--handshakes is at least 1, not " + handshakes.get());
    }
    JoinMode mode =
        !create
            ? (observe ? JoinMode.OBSERVE : JoinMode.JOIN_ONLY)
            : join.isEmpty() && !remembers ? JoinMode.CREATE : JoinMode.CREATE_OR_JOIN;
    PeerBuilder settings =
        Peer.builder()
            .joinMode(mode)
            .entryPoints(join)
            .host(host)
            .port(port)
            .network(network)
            .overlayBandwidth(overlayBandwidth)
            .dialsPerSource(dialsPerSource)
            .tableMemory(tableMemory * 1_024L)
            .contacts(contacts)
            .keepArchives(keepArchives)
            .heartbeat(heartbeat)
            .trustDeath(!distrustDeath)
            .open(open)
            .tls(!plaintext)
            .installPolicy(installPolicy)
            .trust(trust);
    dataDirectory.ifPresent(settings::dataDirectory);
    handshakes.ifPresent(settings::handshakes);
    advertise.ifPresent(settings::advertise);
    secretFile.ifPresent(settings::secretFile);
    certificate.ifPresent(settings::rootCertificate);
    settings.idPuzzle(idPuzzle);
    rootKey.ifPresent(settings::rootKey);
    ownerKey.ifPresent(settings::ownerKey);
    labels.forEach(settings::label);
    for (String quota : quotas) {
      int colon = quota.indexOf(':');
      if (colon < 1) {
        throw new IllegalArgumentException(
            "--service-quota is NAME:QUOTA, as in counter:cpu=20%, not '" + quota + "'");
      }
      settings.serviceQuota(quota.substring(0, colon), Quota.parse(quota.substring(colon + 1)));
    }
    settings.serviceTickets(serviceTickets);
    return settings;
  }
}
