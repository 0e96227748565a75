// How commands on the same machine steer a running peer: a socket file in its data directory.
package dev.p2pkit.peer.cli;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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
  private static final String REFUSED = "error ";

  private final Path file;
  private final ServerSocketChannel server;

  private ControlSocket(Path file, ServerSocketChannel server) {
    this.file = file;
    this.server = server;
  }

  /**
   * Begins to answer lines; the answerer may throw {@link IllegalArgumentException} with a sentence
   * for the asker.
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
        String answer;
        try {
          answer = answerer.apply(readLine(asker));
        } catch (IllegalArgumentException e) {
          answer = REFUSED + e.getMessage();
        }
        writeLine(asker, answer);
      } catch (IOException e) {
        if (server.isOpen()) {
          LOG.debug("a command on the control socket failed", e);
        }
      }
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
      writeLine(peer, line);
      String answer = readLine(peer);
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

  private static String readLine(SocketChannel channel) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    ByteBuffer buffer = ByteBuffer.allocate(512);
    while (channel.read(buffer.clear()) >= 0) {
      buffer.flip();
      while (buffer.hasRemaining()) {
        byte next = buffer.get();
        if (next == '\n') {
          return line.toString(StandardCharsets.UTF_8);
        }
        if (line.size() == LONGEST_LINE) {
          throw new IOException(
              "a line on the control socket has at most " + LONGEST_LINE + " bytes");
        }
        line.write(next);
      }
    }
    throw new IOException("the other side closed the control socket");
  }

  private static void writeLine(SocketChannel channel, String line) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    Files.deleteIfExists(file);
  }
}
