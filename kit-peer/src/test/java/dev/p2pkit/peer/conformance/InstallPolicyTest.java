// The install policies on real peers: who is let in, and how each of the others is refused.
package dev.p2pkit.peer.conformance;

import static dev.p2pkit.peer.conformance.TestRing.await;
import static dev.p2pkit.peer.conformance.TestRing.failure;
import static dev.p2pkit.peer.conformance.TestRing.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.peer.InstallPolicy;
import dev.p2pkit.peer.Peer;
import dev.p2pkit.peer.PeerBuilder;
import dev.p2pkit.peer.audit.AuditLog;
import dev.p2pkit.peer.trust.OwnerGrant.Right;
import dev.p2pkit.peer.trust.TrustFile;
import dev.p2pkit.peer.trust.TrustNotice;
import dev.p2pkit.peer.trust.Words;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.ServiceHandle;
import java.nio.file.Path;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InstallPolicyTest {
  private static final Archive ECHO = Archives.echo("1", "x");

  private final TestRing ring = new TestRing();
  private final Words words = new Words(System.currentTimeMillis() - 1_000);

  @AfterEach
  void stop() {
    ring.close();
  }

  private PeerBuilder rooted(PeerBuilder settings) {
    return settings.rootKey(words.rootKey());
  }

  private Path strangersKey() {
    return ring.directory().resolve("stranger.key");
  }

  private OwnerKey stranger() {
    return OwnerKey.loadOrCreate(strangersKey());
  }

  private InstallOptions byStranger(String name) {
    return InstallOptions.named(name).ownerKey(strangersKey());
  }

  private static void runs(Peer peer, ServiceHandle handle) {
    await()
        .untilAsserted(
            () ->
                assertThat((Object) get(handle.peer(peer.peerId()).rpc("?", List.class)))
                    .isEqualTo(List.of("x", peer.peerId().toString())));
  }

  /** All peers know the notice, and keep it. */
  private void publish(TrustNotice notice) {
    get(ring.peer(0).publish(notice));
    await()
        .untilAsserted(
            () -> {
              for (Peer peer : ring.peers()) {
                assertThat(get(peer.trust()))
                    .anyMatch(known -> known.toText().equals(notice.toText()));
                assertThat(new TrustFile(peer.settings().dataDirectory().orElseThrow()).load())
                    .anyMatch(kept -> kept.toText().equals(notice.toText()));
              }
            });
  }

  /** With the code, the fix, a line of the audit, and a count. */
  private void isRefused(Peer by, InstallOptions options, String fix) {
    KitException refused = failure(by.install(ECHO, options));
    assertThat(refused.code()).isEqualTo(ErrorCode.UNAUTHORISED);
    assertThat(refused.detail()).contains(fix);
    await()
        .untilAsserted(
            () ->
                assertThat(ring.peers())
                    .anySatisfy(
                        peer -> {
                          assertThat(peer.info().statistics().dropped())
                              .containsKey("record.untrusted");
                          assertThat(
                                  AuditLog.last(peer.settings().dataDirectory().orElseThrow(), 100))
                              .anySatisfy(
                                  line ->
                                      assertThat(line)
                                          .contains("\"what\":\"refusal\"")
                                          .contains("\"outcome\":\"UNAUTHORISED\"")
                                          .contains(options.name().orElseThrow())
                                          .contains(fix));
                        }));
  }

  @Test
  void deny_evenTheOwnersOwnKeyIsRefused() {
    Peer peer = ring.start(settings -> settings.installPolicy(InstallPolicy.DENY));
    isRefused(peer, InstallOptions.named("mine"), "--install-policy trusted");
    isRefused(peer, byStranger("theirs"), "--install-policy trusted");
  }

  @Test
  void any_aStrangerIsLetIn() {
    Peer peer = ring.start(settings -> settings.installPolicy(InstallPolicy.ANY));
    runs(peer, get(peer.install(ECHO, byStranger("theirs"))));
  }

  @Test
  void trusted_theOwnKeyAndCertifiedOwnersAreLetInAndStrangersExpiredAndRevokedOnesAreNot() {
    ring.start(this::rooted);
    Peer second = ring.start(this::rooted);
    ring.awaitClosed();
    runs(second, get(ring.peer(0).install(ECHO, InstallOptions.named("mine"))));
    isRefused(second, byStranger("stranger"), "p2pkit trust owner " + stranger().publicHex());
    publish(words.owner(stranger(), Instant.now().minusSeconds(1), EnumSet.allOf(Right.class)));
    isRefused(second, byStranger("expired"), "was trusted until");
    publish(words.owner(stranger(), "cert*"));
    isRefused(second, byStranger("other"), "with the names cert*");
    ServiceHandle certified = get(second.install(ECHO, byStranger("certified")));
    ring.peers().forEach(peer -> runs(peer, certified));
    // A peer that joins knows the root's word when it is ready.
    Peer joiner = ring.start(this::rooted);
    assertThat((Object) get(certified.peer(joiner.peerId()).rpc("?", List.class)))
        .isEqualTo(List.of("x", joiner.peerId().toString()));
    publish(words.revoked(stranger()));
    for (Peer peer : ring.peers()) {
      await()
          .untilAsserted(
              () ->
                  assertThat(failure(certified.peer(peer.peerId()).rpc("?", List.class)).code())
                      .isIn(ErrorCode.NO_SUCH_SERVICE, ErrorCode.NO_SUCH_ACCESS_POINT));
    }
    isRefused(second, byStranger("certified2"), "revoked");
    publish(words.owner(stranger()));
    ring.peers().forEach(peer -> runs(peer, certified));
  }

  @Test
  void aWordThatTheRootDidNotSignIsRefusedAndSaysWhy() {
    Peer obedient = ring.start(this::rooted);
    Peer deaf = ring.start(settings -> settings);
    KitException refused =
        failure(obedient.publish(new Words(System.currentTimeMillis()).owner(stranger())));
    assertThat(refused.code()).isEqualTo(ErrorCode.UNAUTHORISED);
    assertThat(refused.detail()).contains("neither the root nor an administrator");
    assertThat(failure(deaf.publish(words.owner(stranger()))).detail()).contains("--root-key");
    assertThat(get(obedient.trust())).isEmpty();
  }
}
