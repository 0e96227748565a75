// The proof that another process has the same private key.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.overlay.transport.LinkFrame.Rival;
import java.nio.charset.StandardCharsets;

/**
 * What each process of a peer signs once, and what an earlier process of the same peer demands
 * before it believes that there is another: nobody else can sign it, and what was signed by a
 * process that was started before proves nothing of a later one.
 */
final class LaterProcess {
  private static final byte[] LABEL = "p2pkit process 1".getBytes(StandardCharsets.US_ASCII);

  private LaterProcess() {}

  /** What is signed. */
  static byte[] statement(Identity identity, Endpoint address, long incarnation) {
    return new WireWriter(128)
        .bytes(LABEL)
        .bytes(identity.rawPublicKey())
        .text(address.host())
        .u16(address.port())
        .i64(incarnation)
        .toBytes();
  }

  /** Whether another process with this very identity has said so. */
  static boolean isProved(Identity identity, long ownIncarnation, Rival rival) {
    return rival.incarnation() != ownIncarnation
        && Ed25519.verify(
            identity.rawPublicKey(),
            statement(identity, rival.other(), rival.incarnation()),
            rival.signature().value());
  }
}
