// Bans on real peers: links close, the door stays shut, and the end of a ban opens it again.
package dev.p2pkit.peer.conformance;

import static dev.p2pkit.peer.conformance.TestRing.await;
import static dev.p2pkit.peer.conformance.TestRing.failure;
import static dev.p2pkit.peer.conformance.TestRing.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.ban.BanNotice;
import dev.p2pkit.overlay.transport.NetworkRoot;
import dev.p2pkit.peer.Peer;
import dev.p2pkit.peer.PeerBuilder;
import dev.p2pkit.peer.bans.BanFile;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.PeerId;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BanTest {
  private final TestRing ring = new TestRing();
  private final NetworkRoot root = NetworkRoot.ephemeral();
  private final Queue<NetworkEvent> events = new ConcurrentLinkedQueue<>();

  @AfterEach
  void stop() {
    ring.close();
  }

  private PeerBuilder obeying(PeerBuilder settings) {
    return settings.rootKey(HexFormat.of().formatHex(root.rawPublicKey())).onEvent(events::add);
  }

  private BanNotice notice(PeerId subject, boolean lifted, NetworkRoot signer) {
    return BanNotice.issue(
        "p2pkit",
        subject,
        lifted,
        Instant.now(),
        "it was stolen",
        signer.rawPublicKey(),
        Optional.empty(),
        signer::sign);
  }

  @Test
  void aBannedPeerIsShutOutByEverybodyUntilTheBanIsLifted() {
    List<Peer> good =
        List.of(ring.start(this::obeying), ring.start(this::obeying), ring.start(this::obeying));
    Path stolen = ring.directory().resolve("stolen");
    Peer villain = ring.start(settings -> obeying(settings.dataDirectory(stolen)));
    ring.awaitClosed();
    get(good.get(1).publish(notice(villain.peerId(), false, root)));
    await()
        .untilAsserted(
            () -> {
              for (Peer peer : good) {
                assertThat(get(peer.bans())).hasSize(1);
                assertThat(peer.members()).hasSize(3);
                assertThat(new BanFile(peer.settings().dataDirectory().orElseThrow()).load())
                    .hasSize(1);
              }
            });
    assertThat(events)
        .filteredOn(
            event ->
                event instanceof NetworkEvent.PeerBanned banned
                    && banned.peer().equals(villain.peerId())
                    && banned.reason().equals("it was stolen"))
        .hasSizeGreaterThanOrEqualTo(good.size());
    ring.leave(villain);
    assertThat(
            failure(
                    obeying(ring.settings().dataDirectory(stolen))
                        .joinLimit(Duration.ofSeconds(2))
                        .start())
                .code())
        .isIn(ErrorCode.NO_ROUTE, ErrorCode.UNAUTHORISED);
    BanNotice pardon = notice(villain.peerId(), true, root);
    assertThat(events).noneMatch(NetworkEvent.BanLifted.class::isInstance);
    get(good.get(2).publish(pardon));
    await()
        .untilAsserted(
            () -> {
              assertThat(good)
                  .allMatch(peer -> get(peer.bans()).stream().allMatch(BanNotice::lifted));
              assertThat(events)
                  .filteredOn(NetworkEvent.BanLifted.class::isInstance)
                  .hasSize(good.size())
                  .containsOnly(new NetworkEvent.BanLifted(villain.peerId(), pardon.signedBy()));
            });
    ring.start(settings -> obeying(settings.dataDirectory(stolen)));
    ring.awaitClosed();
  }

  @Test
  void whoJoinsLaterRefusesTheBannedPeerToo() {
    Peer first = ring.start(this::obeying);
    PeerId villain = new PeerId(dev.p2pkit.sdk.Key.hash("villain"));
    get(first.publish(notice(villain, false, root)));
    Peer second = ring.start(this::obeying);
    await().untilAsserted(() -> assertThat(get(second.bans())).hasSize(1));
  }

  @Test
  void aBanThatTheRootDidNotSignIsRefusedAndSaysWhy() {
    Peer obedient = ring.start(this::obeying);
    Peer deaf = ring.start(settings -> settings);
    NetworkRoot stranger = NetworkRoot.ephemeral();
    var refused = failure(obedient.publish(notice(deaf.peerId(), false, stranger)));
    assertThat(refused.code()).isEqualTo(ErrorCode.UNAUTHORISED);
    assertThat(refused.detail()).contains("neither the root nor an administrator");
    assertThat(failure(deaf.publish(notice(obedient.peerId(), false, root))).detail())
        .contains("--root-key");
  }
}
