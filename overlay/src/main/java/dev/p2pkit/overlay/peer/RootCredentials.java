// Shows and checks membership certificates where a signature has no link to prove its signer.
package dev.p2pkit.overlay.peer;

import dev.p2pkit.overlay.proof.Credentials;
import dev.p2pkit.overlay.transport.Membership;
import dev.p2pkit.overlay.transport.MembershipCertificate;
import dev.p2pkit.overlay.transport.TransportConfig;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.function.LongSupplier;

/**
 * The credential is the text of the membership certificate. In networks without a root there is
 * none: whoever knows the secret may make up as many peers as it likes anyway.
 */
final class RootCredentials implements Credentials {
  private final String network;
  private final MembershipCertificate own;
  private final LongSupplier wallMillis;

  private RootCredentials(String network, MembershipCertificate own, LongSupplier wallMillis) {
    this.network = network;
    this.own = own;
    this.wallMillis = wallMillis;
  }

  static Credentials of(TransportConfig config, LongSupplier wallMillis) {
    return config.membership() instanceof Membership.RootCertificate root
        ? new RootCredentials(config.network(), root.certificate(), wallMillis)
        : NONE;
  }

  @Override
  public byte[] own() {
    return own.toText().getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public boolean admits(PeerId peer, byte[] credential) {
    try {
      MembershipCertificate shown =
          MembershipCertificate.parse(new String(credential, StandardCharsets.US_ASCII));
      return shown.member().equals(peer)
          && Arrays.equals(shown.rootKey(), own.rootKey())
          && shown.network().equals(network)
          && shown.expires().isAfter(Instant.ofEpochMilli(wallMillis.getAsLong()));
    } catch (KitException garbled) {
      return false;
    }
  }
}
