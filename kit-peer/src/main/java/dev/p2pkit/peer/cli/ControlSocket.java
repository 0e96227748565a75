// How commands on the same machine steer a running peer: a socket file in its data directory.
package dev.p2pkit.peer.cli;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A socket file {@code control} that takes one line and answers with one line. Who may open the
 * file (mode 600: the peer's own user) may steer the peer; nothing of it can be reached from the
 * network.
 */
final class ControlSocket implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ControlSocket.class);
  private static final int LONGEST_LINE = 4_096;
  // A list of dead letters, or one of them with its body.
  private static final int LONGEST_ANSWER = 8 << 20;
  private static final String REFUSED = "error ";
  // One asker is served after the other: who says nothing makes the others wait so long.
  private static final Duration LONGEST_ASKING = Duration.ofSeconds(2);
  // Longer, as there may be others before us.
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

  private final Path file;
  private final ServerSocketChannel server;

  private ControlSocket(Path file, ServerSocketChannel server) {
    this.file = file;
    this.server = server;
  }

  /**
   * Begins to answer lines; the answerer may throw {@link IllegalArgumentException} with a sentence
   * for the asker. An asker that has not sent its line after 2 s is dropped.
   */
  static ControlSocket open(Path dataDirectory, UnaryOperator<String> answerer) throws IOException {
    Path file = dataDirectory.resolve("control");
    // The peer holds the directory's lock, so a file that is there was left by a killed process.
    Files.deleteIfExists(file);
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      server.bind(UnixDomainSocketAddress.of(file));
      if (Files.getFileStore(file).supportsFileAttributeView("posix")) {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
      }
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
    ControlSocket socket = new ControlSocket(file, server);
    Thread thread = new Thread(() -> socket.serve(answerer), "p2pkit-control");
    thread.setDaemon(true);
    thread.start();
    return socket;
  }

  private void serve(UnaryOperator<String> answerer) {
    while (server.isOpen()) {
      try (SocketChannel asker = server.accept()) {
        long deadline = System.nanoTime() + LONGEST_ASKING.toNanos();
        String answer = answer(answerer, readLine(asker, LONGEST_LINE, deadline));
        writeLine(asker, answer, System.nanoTime() + LONGEST_ASKING.toNanos());
      } catch (IOException e) {
        if (server.isOpen()) {
          LOG.debug("a command on the control socket failed", e);
        }
      }
    }
  }

  private static String answer(UnaryOperator<String> answerer, String line) {
    try {
      return answerer.apply(line);
    } catch (IllegalArgumentException e) {
      return REFUSED + e.getMessage();
    } catch (RuntimeException e) {
      // The thread must live on for the next asker; the log has what this one cannot use.
      LOG.warn("the command '{}' failed", line, e);
      return REFUSED + "the command failed in the peer, whose log says more: " + e;
    }
  }

  /**
   * Sends a line to the peer that runs in this directory and returns its answer.
   *
   * @throws KitException with {@link ErrorCode#NO_ROUTE} if no peer runs there, and with {@link
   *     ErrorCode#PROTOCOL_ERROR} if it refuses the line
   */
  static String ask(Path dataDirectory, String line) {
    Path file = dataDirectory.resolve("control");
    try (SocketChannel peer = SocketChannel.open(UnixDomainSocketAddress.of(file))) {
      long deadline = System.nanoTime() + LONGEST_WAIT.toNanos();
      writeLine(peer, line, deadline);
      String answer = readLine(peer, LONGEST_ANSWER, deadline);
      if (answer.startsWith(REFUSED)) {
        throw new KitException(ErrorCode.PROTOCOL_ERROR, answer.substring(REFUSED.length()));
      }
      return answer;
    } catch (IOException e) {
      throw new KitException(
          ErrorCode.NO_ROUTE,
          "no peer answers in "
              + dataDirectory
              + "; name the --data-dir of a peer that runs on this machine as your user",
          e);
    }
  }

  private static String readLine(SocketChannel channel, int longest, long deadline)
      throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    ByteBuffer buffer = ByteBuffer.allocate(4_096);
    channel.configureBlocking(false);
    while (channel.read(buffer.clear()) >= 0) {
      buffer.flip();
      if (!buffer.hasRemaining()) {
        await(channel, SelectionKey.OP_READ, deadline);
      }
      while (buffer.hasRemaining()) {
        byte next = buffer.get();
        if (next == '\n') {
          return line.toString(StandardCharsets.UTF_8);
        }
        if (line.size() == longest) {
          throw new IOException("a line on the control socket has at most " + longest + " bytes");
        }
        line.write(next);
      }
    }
    throw new IOException("the other side closed the control socket");
  }

  private static void writeLine(SocketChannel channel, String line, long deadline)
      throws IOException {
    // An exception's text may have several lines; the answer has one.
    String text = line.replaceAll("\\R", " ") + "\n";
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    channel.configureBlocking(false);
    while (bytes.hasRemaining()) {
      if (channel.write(bytes) == 0) {
        await(channel, SelectionKey.OP_WRITE, deadline);
      }
    }
  }

  /** Waits until the channel can be read or written; a socket file knows no other time limit. */
  private static void await(SocketChannel channel, int operation, long deadline)
      throws IOException {
    long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
    try (Selector selector = Selector.open()) {
      channel.register(selector, operation);
      if (left <= 0 || selector.select(left) == 0) {
        throw new IOException("the other side of the control socket says nothing");
      }
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    Files.deleteIfExists(file);
  }
}
