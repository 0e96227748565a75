// Messages that need a proof, on real sockets.
package dev.p2pkit.overlay.peer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.peer.TestRing.Member;
import dev.p2pkit.overlay.proof.Credentials;
import dev.p2pkit.overlay.proof.OwnerProof;
import dev.p2pkit.overlay.routing.Draft;
import dev.p2pkit.overlay.routing.Envelope;
import dev.p2pkit.overlay.routing.Outcome;
import dev.p2pkit.overlay.transport.Identity;
import dev.p2pkit.overlay.transport.Membership;
import dev.p2pkit.overlay.transport.NetworkRoot;
import dev.p2pkit.overlay.transport.TransportConfig;
import dev.p2pkit.sdk.Key;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ProvenCallsTest {
  private static final Duration LIFE = Duration.ofSeconds(20);

  @Test
  void aMessageWithAProofReachesTheOwnerAndNobodyElse() {
    try (TestRing ring = new TestRing(true)) {
      ring.of(5);
      int number = 0;
      for (Member caller : ring.members) {
        for (int i = 0; i < 6; i++) {
          Key key = Key.hash(i);
          Outcome outcome = proven(caller, key, number++, i % 2 == 0).join();
          assertThat(outcome).isInstanceOf(Outcome.Replied.class);
          assertThat(outcome.peer()).isEqualTo(ring.owner(key).id());
        }
      }
      assertThat(ring.timesProcessed())
          .hasSize(number)
          .allSatisfy((n, times) -> assertThat(times).isEqualTo(1));
      OwnerProof proof = ring.members.get(1).overlay.prove(Key.hash(1), true, LIFE).join();
      assertThat(proof.owner().id()).isEqualTo(ring.owner(Key.hash(1)).id());
      assertThat(proof.isGranted()).isTrue();
      assertThat(ring.members)
          .anySatisfy(
              member -> assertThat(member.overlay.statistics().proofs().accepted()).isPositive());
    }
  }

  @Test
  void theHeirOfADeadOwnerProvesItsKey() {
    try (TestRing ring = new TestRing(true)) {
      ring.of(5);
      Member caller = ring.members.get(0);
      Key key = ring.members.get(1).id().position();
      assertThat(proven(caller, key, 1, true).join().peer()).isEqualTo(ring.members.get(1).id());
      ring.kill(ring.members.get(1));
      Outcome outcome = proven(caller, key, 2, true).join();
      assertThat(outcome).isInstanceOf(Outcome.Replied.class);
      assertThat(outcome.peer()).isNotEqualTo(ring.members.get(1).id());
    }
  }

  private static CompletableFuture<Outcome> proven(
      Member caller, Key key, int number, boolean granted) {
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    Draft draft =
        Draft.toKey(key, "ap", Envelope.RPC, TestRing.body(number), LIFE.toNanos() / 1_000);
    caller.overlay.openProven(draft, granted, outcome::complete);
    return outcome;
  }

  @Test
  void aGrantorShowsTheCertificateOfTheNetworksRoot() {
    NetworkRoot root = NetworkRoot.ephemeral();
    Identity one = Identity.ephemeral();
    Identity other = Identity.ephemeral();
    Credentials mine = credentials(root, one, "net", 1_000);
    assertThat(mine.own().length).isLessThanOrEqualTo(Credentials.MOST_BYTES);
    Credentials theirs = credentials(root, other, "net", 1_000);
    assertThat(mine.admits(other.id(), theirs.own())).isTrue();
    assertThat(mine.admits(one.id(), theirs.own())).isFalse();
    assertThat(mine.admits(other.id(), new byte[] {1, 2})).isFalse();
    assertThat(mine.admits(other.id(), credentials(root, other, "net", -1_000).own())).isFalse();
    assertThat(mine.admits(other.id(), credentials(root, other, "nets", 1_000).own())).isFalse();
    NetworkRoot stranger = NetworkRoot.ephemeral();
    assertThat(mine.admits(other.id(), credentials(stranger, other, "net", 1_000).own())).isFalse();
  }

  private static Credentials credentials(
      NetworkRoot root, Identity identity, String network, long validMillis) {
    long now = 1_800_000_000_000L;
    Membership membership =
        new Membership.RootCertificate(
            root.issue(identity.rawPublicKey(), network, Instant.ofEpochMilli(now + validMillis)));
    TransportConfig config =
        TransportConfig.defaults().withNetwork(network).withMembership(membership);
    return RootCredentials.of(config, () -> now);
  }
}
