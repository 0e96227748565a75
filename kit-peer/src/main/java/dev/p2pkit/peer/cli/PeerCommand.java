// p2pkit peer: runs a full peer until it is told to stop.
package dev.p2pkit.peer.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.p2pkit.client.ticket.Right;
import dev.p2pkit.overlay.ban.BanNotice;
import dev.p2pkit.overlay.peer.OverlayPeer;
import dev.p2pkit.peer.Peer;
import dev.p2pkit.peer.PeerBuilder;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.peer.cli.output.TemporaryDirectory;
import dev.p2pkit.peer.log.Verbosity;
import dev.p2pkit.peer.trust.TrustNotice;
import dev.p2pkit.sdk.KitException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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

  @Mixin PeerOptions options = new PeerOptions();

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
    if (verbose < 0 || verbose > 10) {
      throw usage("a verbosity lies between 0 and 10, not " + verbose);
    }
    PeerBuilder settings;
    try {
      settings = options.settings();
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
    Verbosity.set(verbose);
    CountDownLatch stopped = new CountDownLatch(1);
    if (exitWithParent) {
      watchParent(stopped);
    }
    Optional<TemporaryDirectory> own = Optional.empty();
    if (options.dataDirectory.isEmpty()) {
      own = Optional.of(TemporaryDirectory.make("p2pkit-peer"));
      settings.dataDirectory(own.get().path());
    }
    CompletableFuture<Runnable> farewell = atTheEnd(own);
    Peer peer = started(settings);
    Optional<ControlSocket> control = openControl(peer);
    farewell.complete(() -> leave(peer, control));
    if (events) {
      EventPrinter.print(peer, output());
    }
    announce(peer);
    stopped.await();
    return Main.DONE;
  }

  /**
   * What is to be done when the process ends, nothing at first; then the directory is removed. From
   * before the start on, since a peer that is stopped while it joins must not leave files either.
   */
  private static CompletableFuture<Runnable> atTheEnd(Optional<TemporaryDirectory> own) {
    CompletableFuture<Runnable> farewell = new CompletableFuture<>();
    Thread leaving =
        new Thread(
            () -> {
              farewell.getNow(() -> {}).run();
              own.ifPresent(TemporaryDirectory::remove);
            },
            "p2pkit-leave");
    Runtime.getRuntime().addShutdownHook(leaving);
    return farewell;
  }

  private Peer started(PeerBuilder settings) {
    try {
      return await(settings.start());
    } catch (KitException e) {
      if (e.getCause() instanceof IllegalArgumentException wrong) {
        throw usage(String.valueOf(wrong.getMessage()));
      }
      throw e;
    }
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
    if (options.dataDirectory.isEmpty()) {
      return Optional.empty();
    }
    Path directory = options.dataDirectory.get();
    try {
      return Optional.of(ControlSocket.open(directory, line -> answer(peer, line)));
    } catch (IOException | UnsupportedOperationException e) {
      LOG.warn(
          "commands with --data-dir cannot reach this peer: no socket file can be made"
              + " in {}; a shorter path may help",
          directory,
          e);
      return Optional.empty();
    }
  }

  /** The answer to a line on the control socket. */
  static String answer(Peer peer, String line) {
    String[] words = line.split(" ", 2);
    if (words.length == 2) {
      switch (words[0]) {
        case "verbose" -> {
          int level = Integer.parseInt(words[1]);
          Verbosity.set(level);
          return "verbosity is " + level;
        }
        case "ticket" -> {
          String[] wanted = words[1].split(" ", 2);
          return peer.clientTicket(
              Duration.ofSeconds(Long.parseLong(wanted[0])),
              wanted.length == 2 ? Right.parse(wanted[1]) : Right.all());
        }
        case "figures" -> {
          return ServiceFiguresCommand.answer(peer);
        }
        case "dead-letters" -> {
          return DeadLetterDesk.answer(peer, words[1]);
        }
        case "ban" -> {
          return published(() -> peer.publish(BanNotice.parse(words[1])));
        }
        case "trust" -> {
          return published(() -> peer.publish(TrustNotice.parse(words[1])));
        }
        default -> {}
      }
    }
    throw new IllegalArgumentException("this peer does not know the command '" + line + "'");
  }

  private static String published(Supplier<CompletableFuture<Void>> notice) {
    try {
      await(notice.get());
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
