// Steering a running peer through its data directory.
package dev.p2pkit.peer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlSocketTest {
  @TempDir Path directory;

  @Test
  void answersLines() throws Exception {
    ControlSocket socket = ControlSocket.open(directory, line -> "heard " + line);
    try {
      assertThat(ControlSocket.ask(directory, "one")).isEqualTo("heard one");
      assertThat(ControlSocket.ask(directory, "two")).isEqualTo("heard two");
    } finally {
      socket.close();
    }
  }

  @Test
  void belongsToTheUserAlone() throws Exception {
    ControlSocket socket = ControlSocket.open(directory, line -> line);
    try {
      assertThat(Files.getPosixFilePermissions(directory.resolve("control")))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    } finally {
      socket.close();
    }
  }

  @Test
  void replacesTheFileOfAKilledProcess() throws Exception {
    Files.createFile(directory.resolve("control"));
    ControlSocket socket = ControlSocket.open(directory, line -> line);
    try {
      assertThat(ControlSocket.ask(directory, "x")).isEqualTo("x");
    } finally {
      socket.close();
    }
    assertThat(directory.resolve("control")).doesNotExist();
  }

  @Test
  void saysWhatIsWrongWithALine() throws Exception {
    ControlSocket socket =
        ControlSocket.open(
            directory,
            line -> {
              throw new IllegalArgumentException("not known: " + line);
            });
    try {
      KitException refused =
          catchThrowableOfType(KitException.class, () -> ControlSocket.ask(directory, "nonsense"));
      assertThat(refused.detail()).isEqualTo("not known: nonsense");
    } finally {
      socket.close();
    }
  }

  @Test
  void survivesAnAnswererThatThrows() throws Exception {
    ControlSocket socket =
        ControlSocket.open(
            directory,
            line -> {
              if (line.equals("bad")) {
                throw new IllegalStateException("broken\nin two lines");
              }
              return line;
            });
    try {
      KitException refused =
          catchThrowableOfType(KitException.class, () -> ControlSocket.ask(directory, "bad"));
      assertThat(refused.detail()).contains("broken in two lines");
      assertThat(ControlSocket.ask(directory, "x")).isEqualTo("x");
    } finally {
      socket.close();
    }
  }

  @Test
  void whoSaysNothingDoesNotBlockOthers() throws Exception {
    ControlSocket socket = ControlSocket.open(directory, line -> line);
    try (SocketChannel silent =
        SocketChannel.open(UnixDomainSocketAddress.of(directory.resolve("control")))) {
      assertThat(ControlSocket.ask(directory, "x")).isEqualTo("x");
      // It was served first, and was dropped: its end of the stream is here.
      assertThat(silent.read(ByteBuffer.allocate(1))).isEqualTo(-1);
    } finally {
      socket.close();
    }
  }

  @Test
  void survivesAnEndlessLine() throws Exception {
    ControlSocket socket = ControlSocket.open(directory, line -> line);
    try {
      try (SocketChannel rude =
          SocketChannel.open(UnixDomainSocketAddress.of(directory.resolve("control")))) {
        ByteBuffer garbage = ByteBuffer.allocate(64 << 10);
        try {
          rude.write(garbage);
        } catch (IOException closedByPeer) {
          // It may close while we still write.
        }
      }
      assertThat(ControlSocket.ask(directory, "x")).isEqualTo("x");
    } finally {
      socket.close();
    }
  }

  @Test
  void nobodyThere() {
    KitException failure =
        catchThrowableOfType(KitException.class, () -> ControlSocket.ask(directory, "x"));
    assertThat(failure.code()).isEqualTo(ErrorCode.NO_ROUTE);
    assertThat(failure.detail()).contains("--data-dir");
  }
}
