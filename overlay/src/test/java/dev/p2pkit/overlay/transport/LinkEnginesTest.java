// What a dialler's first TLS message offers.
package dev.p2pkit.overlay.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import org.junit.jupiter.api.Test;

class LinkEnginesTest {
  private static final int KEY_SHARE = 51;
  private static final int X25519 = 29;

  @Test
  void aDiallerMakesOneKeyOfX25519AndNoOther() throws Exception {
    assertThat(keyShares(helloOf(new LinkEngines()))).containsExactly(X25519);
  }

  @Test
  void theCopyThatIsUsedForASocketKeepsHandshakesOffTheEventLoops() throws Exception {
    LinkEngines copy = new LinkEngines().copy();

    assertThat(copy.getUseWorkerThread()).isTrue();
    assertThat(keyShares(helloOf(copy))).containsExactly(X25519);
  }

  private static ByteBuffer helloOf(LinkEngines engines) throws Exception {
    SslContext context =
        engines
            .sslContextFactory()
            .forClient(null, "")
            .enabledProtocols(Set.of("TLSv1.3"))
            .enabledCipherSuites(Set.of())
            .create();
    SSLEngine engine = context.newEngine(ByteBufAllocator.DEFAULT, "a-peer", 1);
    ByteBuffer out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    engine.beginHandshake();
    assertThat(engine.getHandshakeStatus()).isEqualTo(HandshakeStatus.NEED_WRAP);
    var unused = engine.wrap(ByteBuffer.allocate(0), out);
    return out.flip();
  }

  /** The groups in the key_share extension of a ClientHello (RFC 8446, 4.1.2 and 4.2.8). */
  private static List<Integer> keyShares(ByteBuffer record) {
    ByteBuffer hello = record;
    hello.position(5 + 4 + 2 + 32);
    skip(hello, hello.get() & 0xFF);
    skip(hello, hello.getShort());
    skip(hello, hello.get() & 0xFF);
    int end = hello.getShort() + hello.position();
    List<Integer> groups = new ArrayList<>();
    while (hello.position() < end) {
      int type = hello.getShort();
      int length = hello.getShort();
      int next = hello.position() + length;
      if (type == KEY_SHARE) {
        hello.getShort();
        while (hello.position() < next) {
          groups.add((int) hello.getShort());
          skip(hello, hello.getShort());
        }
      }
      hello.position(next);
    }
    return groups;
  }

  private static void skip(ByteBuffer in, int bytes) {
    in.position(in.position() + bytes);
  }
}
