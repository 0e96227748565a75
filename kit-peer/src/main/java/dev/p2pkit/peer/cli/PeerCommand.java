// p2pkit peer: runs a full peer until it is told to stop.
package dev.p2pkit.peer.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.p2pkit.overlay.ban.BanNotice;
import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.peer.OverlayPeer;
import dev.p2pkit.overlay.ring.LadderConfig;
import dev.p2pkit.overlay.transport.IdPuzzle;
import dev.p2pkit.peer.HeartbeatProfile;
import dev.p2pkit.peer.InstallPolicy;
import dev.p2pkit.peer.JoinMode;
import dev.p2pkit.peer.Peer;
import dev.p2pkit.peer.PeerBuilder;
import dev.p2pkit.peer.RememberedFile;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.peer.log.Verbosity;
import dev.p2pkit.sdk.KitException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Starts a peer, prints how to reach it, and leaves the ring when the process is asked to end. */
@Command(
    name = "peer",
    description = {
      "Runs a full peer until it is stopped by Ctrl-C or SIGTERM; it then leaves in an orderly way.",
      "When it is ready it prints one line: id, address, entry point and client ticket."
    })
final class PeerCommand extends KitCommand {
  static final Duration TICKET_VALIDITY = Duration.ofDays(30);
  private static final Logger LOG = LoggerFactory.getLogger(PeerCommand.class);

  /** More than all steps of {@link OverlayPeer#leave} may take together, and time to close. */
  static final long SECONDS_TO_LEAVE = OverlayPeer.LONGEST_LEAVE.toSeconds() + 4;

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
      names = "--table-memory",
      paramLabel = "KIB",
      defaultValue = "16384",
      description =
          "What the table of peers may take of memory, 96 bytes for each; at least 4, default:"
              + " ${DEFAULT-VALUE}.")
  int tableMemory;

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
      names = {"-v", "--verbose"},
      paramLabel = "LEVEL",
      description =
          "How much is logged, 0 (nothing) to 10 (everything); 3 by default. 'p2pkit verbose'"
              + " changes it later.")
  int verbose = Verbosity.DEFAULT;

  @Option(
      names = "--events",
      description = "Prints what happens to the peer and the network as JSON lines.")
  boolean events;

  @Option(
      names = "--exit-with-parent",
      description = "Stops when standard input ends: for programs that start peers.")
  boolean exitWithParent;

  @Override
  public Integer call() throws Exception {
    PeerBuilder settings = settings();
    Verbosity.set(verbose);
    CountDownLatch stopped = new CountDownLatch(1);
    if (exitWithParent) {
      watchParent(stopped);
    }
    Peer peer = await(settings.start());
    Optional<ControlSocket> control = openControl(peer);
    Thread leaving = new Thread(() -> leave(peer, control), "p2pkit-leave");
    Runtime.getRuntime().addShutdownHook(leaving);
    if (events) {
      EventPrinter.print(peer, output());
    }
    announce(peer);
    stopped.await();
    return Main.DONE;
  }

  private PeerBuilder settings() {
    boolean remembers = dataDirectory.map(RememberedFile::isIn).orElse(false);
    if (!create && join.isEmpty() && !remembers) {
      throw usage("say --create for the first peer of a network, or --join HOST:PORT#ID");
    }
    if (observe && (create || join.isEmpty())) {
      throw usage("an observer needs --join HOST:PORT#ID, and --create makes no sense with it");
    }
    if (port < 0 || port > 65_535) {
      throw usage("a port lies between 0 and 65535, not " + port);
    }
    if (idPuzzle < 0 || idPuzzle > IdPuzzle.MOST_BITS) {
      throw usage("a puzzle has 0 to " + IdPuzzle.MOST_BITS + " bits, not " + idPuzzle);
    }
    if (overlayBandwidth < 256 || tableMemory < 4) {
      throw usage("the overlay needs at least 256 bytes a second and a table of 4 KiB");
    }
    if (contacts < 1 || contacts > LadderConfig.MOST_CONTACTS) {
      throw usage("--contacts is 1 to " + LadderConfig.MOST_CONTACTS + ", not " + contacts);
    }
    if (dialsPerSource < 1) {
      throw usage("an address must be allowed to dial at least once a second");
    }
    if (verbose < 0 || verbose > 10) {
      throw usage("a verbosity lies between 0 and 10, not " + verbose);
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
            .heartbeat(heartbeat)
            .trustDeath(!distrustDeath)
            .open(open)
            .tls(!plaintext)
            .installPolicy(installPolicy)
            .trust(trust);
    dataDirectory.ifPresent(settings::dataDirectory);
    advertise.ifPresent(settings::advertise);
    secretFile.ifPresent(settings::secretFile);
    certificate.ifPresent(settings::rootCertificate);
    settings.idPuzzle(idPuzzle);
    rootKey.ifPresent(settings::rootKey);
    ownerKey.ifPresent(settings::ownerKey);
    return settings;
  }

  private void announce(Peer peer) {
    String ticket = peer.clientTicket(TICKET_VALIDITY);
    String address = peer.ref().endpoint().toString();
    if (json) {
      ObjectNode ready =
          Output.object()
              .put("peerId", peer.peerId().toString())
              .put("address", address)
              .put("entryPoint", peer.entryPoint())
              .put("ticket", ticket);
      output().json(ready);
    } else {
      output()
          .line(
              "peer "
                  + peer.peerId()
                  + " at "
                  + address
                  + ", entry point "
                  + peer.entryPoint()
                  + ", client ticket "
                  + ticket);
    }
  }

  private Optional<ControlSocket> openControl(Peer peer) {
    if (dataDirectory.isEmpty()) {
      return Optional.empty();
    }
    Path directory = dataDirectory.get();
    try {
      return Optional.of(ControlSocket.open(directory, line -> answer(peer, line)));
    } catch (IOException | UnsupportedOperationException e) {
      LOG.warn(
          "'p2pkit ticket' and 'p2pkit verbose' cannot reach this peer: no socket file can be made"
              + " in {}; a shorter path may help",
          directory,
          e);
      return Optional.empty();
    }
  }

  private static String answer(Peer peer, String line) {
    String[] words = line.split(" ", 2);
    if (words.length == 2) {
      switch (words[0]) {
        case "verbose" -> {
          int level = Integer.parseInt(words[1]);
          Verbosity.set(level);
          return "verbosity is " + level;
        }
        case "ticket" -> {
          return peer.clientTicket(Duration.ofSeconds(Long.parseLong(words[1])));
        }
        case "ban" -> {
          return publish(peer, words[1]);
        }
        default -> {}
      }
    }
    throw new IllegalArgumentException("this peer does not know the command '" + line + "'");
  }

  private static String publish(Peer peer, String notice) {
    try {
      await(peer.publish(BanNotice.parse(notice)));
      return "published";
    } catch (KitException e) {
      throw new IllegalArgumentException(e.detail(), e);
    }
  }

  private static void watchParent(CountDownLatch stopped) {
    Thread thread =
        new Thread(
            () -> {
              try {
                while (System.in.read() >= 0) {
                  // What the parent writes has no meaning; only the end has.
                }
              } catch (IOException e) {
                LOG.debug("standard input failed", e);
              }
              stopped.countDown();
            },
            "p2pkit-parent");
    thread.setDaemon(true);
    thread.start();
  }

  private static void leave(Peer peer, Optional<ControlSocket> control) {
    try {
      // First: while we leave, the data directory is still ours.
      if (control.isPresent()) {
        control.get().close();
      }
      CompletableFuture<Void> left = peer.leave();
      left.get(SECONDS_TO_LEAVE, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      LOG.warn("left without a farewell: {}", KitException.from(e).getMessage());
    }
  }
}
