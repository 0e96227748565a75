// Roll-outs in waves on real peers: what owners and senders see of them.
package dev.p2pkit.peer.conformance;

import static dev.p2pkit.peer.conformance.TestRing.await;
import static dev.p2pkit.peer.conformance.TestRing.failure;
import static dev.p2pkit.peer.conformance.TestRing.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.client.Client;
import dev.p2pkit.client.ClientOptions;
import dev.p2pkit.peer.Peer;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.Revision;
import dev.p2pkit.sdk.SendOptions;
import dev.p2pkit.sdk.ServiceControl;
import dev.p2pkit.sdk.ServiceHandle;
import dev.p2pkit.sdk.ServiceStatus;
import dev.p2pkit.sdk.ServiceStatus.Phase;
import dev.p2pkit.sdk.StagedRollout;
import dev.p2pkit.sdk.UpdateReport;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class StagedUpgradesTest {
  private static TestRing ring;

  @BeforeAll
  static void start() {
    ring = TestRing.of(3);
    ring.start(settings -> settings.label("site", "lab"));
    ring.awaitClosed();
  }

  @AfterAll
  static void stop() {
    ring.close();
  }

  private static String text(ServiceHandle handle, Peer peer, SendOptions options) {
    return String.valueOf(get(handle.peer(peer.peerId()).rpc("?", List.class, options)).get(0));
  }

  private static StagedRollout labFirst() {
    return new StagedRollout(
            List.of(new StagedRollout.Stage(1, Optional.empty())),
            Optional.empty(),
            Optional.empty(),
            0,
            0.01,
            2,
            0.5)
        .labelFirst("site=lab");
  }

  @Test
  void aLabelledPeerGoesFirstAndMessagesMayNameTheirVersion() {
    InstallOptions options = InstallOptions.named("staged");
    Peer lab = ring.peer(3);
    Peer other = ring.peer(1);
    assertThat(lab.info().labels()).isEqualTo(Map.of("site", "lab"));
    ServiceHandle handle = get(ring.peer(0).install(Archives.echo("1", "one"), options));
    UpdateReport report = get(handle.update(Archives.echo("2", "two"), options.staged(labFirst())));
    assertThat(report.count(Phase.ACTIVE)).isEqualTo(1);
    assertThat(report.count(Phase.PENDING)).isEqualTo(3);

    assertThat(text(handle, lab, SendOptions.DEFAULT)).isEqualTo("two");
    assertThat(text(handle, other, SendOptions.DEFAULT)).isEqualTo("one");
    assertThat(text(handle, other, SendOptions.DEFAULT.version("1"))).isEqualTo("one");
    KitException skew =
        failure(handle.peer(other.peerId()).rpc("?", List.class, SendOptions.DEFAULT.version("2")));
    assertThat(skew.code()).isEqualTo(ErrorCode.VERSION_SKEW);
    assertThat(skew.detail()).contains("runs version 1").contains("for version 2");
    assertThat(get(handle.broadcast("?", SendOptions.DEFAULT.version("2"))).refused())
        .hasSize(3)
        .containsValue(ErrorCode.VERSION_SKEW);
    // The next roll-out in waves would not know what the others run.
    assertThat(
            failure(handle.update(Archives.echo("3", "three"), options.staged(labFirst()))).code())
        .isEqualTo(ErrorCode.BUSY);

    assertThat(get(handle.control(options).promoteAll()).epoch()).isEqualTo(3);
    await()
        .untilAsserted(() -> assertThat(text(handle, other, SendOptions.DEFAULT)).isEqualTo("two"));
    ServiceStatus status = get(handle.status());
    assertThat(status.peers()).allMatch(peer -> peer.epoch() == 3 && peer.phase() == Phase.ACTIVE);
    assertThat(status.peers())
        .extracting(ServiceStatus.OnPeer::registry)
        .containsOnly(status.peers().get(0).registry());
  }

  @Test
  void aClientPausesGoesBackLooksAtTheHistoryAndEndsTheService() {
    InstallOptions options =
        InstallOptions.named("steered").ownerKey(ring.ownerKey()).within(Duration.ofSeconds(20));
    ServiceHandle first = get(ring.peer(0).install(Archives.counterV1(), options));
    Peer other = ring.peer(1);
    get(first.peer(other.peerId()).rpc(Payload.tree(Map.of("type", "Add", "by", 5)), Map.class));
    try (Client client =
        get(
            Client.connect(
                List.of(ring.peer(2).clientTicket(Duration.ofHours(1))), ClientOptions.DEFAULT))) {
      ServiceHandle handle = get(client.service("steered"));
      ServiceControl control = handle.control(options);
      assertThat(failure(control.pause()).code()).isEqualTo(ErrorCode.NOT_UPGRADEABLE);
      get(handle.update(Archives.counterV2(), options.staged(labFirst())));
      assertThat(
              failure(
                      handle
                          .peer(other.peerId())
                          .rpc("?", Map.class, SendOptions.DEFAULT.version("2")))
                  .code())
          .isEqualTo(ErrorCode.VERSION_SKEW);
      get(control.pause());
      UpdateReport back = get(control.rollback());
      assertThat(back.count(Phase.ACTIVE)).isEqualTo(4);
      assertThat(back.peers()).allMatch(peer -> peer.version().equals("1"));

      List<Revision> history = get(control.history());
      assertThat(history)
          .extracting(Revision::what)
          .containsExactly("rollback", "pause", "roll-out", "install");
      assertThat(history.get(0).inForce()).isTrue();
      assertThat(failure(control.rollbackTo("7")).code()).isEqualTo(ErrorCode.BAD_ARCHIVE);
      assertThat(
              get(first
                      .peer(other.peerId())
                      .rpc(Payload.tree(Map.of("type", "Get", "total", true)), Map.class))
                  .get("count"))
          .isEqualTo(5L);

      get(control.withdraw());
      assertThat(failure(client.service("steered")).code()).isEqualTo(ErrorCode.NO_SUCH_SERVICE);
      await()
          .untilAsserted(
              () ->
                  assertThat(failure(first.peer(other.peerId()).rpc("?", Map.class)).code())
                      .isEqualTo(ErrorCode.NO_SUCH_SERVICE));
      get(client.install(Archives.counterV1(), options));
      assertThat(get(get(client.service("steered")).status()).epoch()).isEqualTo(6);
    }
  }
}
