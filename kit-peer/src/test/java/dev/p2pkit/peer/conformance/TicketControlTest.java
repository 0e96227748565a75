// Roll-outs that the holder of a service ticket steers, with the ticket's key and nobody's help.
package dev.p2pkit.peer.conformance;

import static dev.p2pkit.peer.conformance.TestRing.await;
import static dev.p2pkit.peer.conformance.TestRing.failure;
import static dev.p2pkit.peer.conformance.TestRing.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.client.Client;
import dev.p2pkit.client.ClientOptions;
import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.client.ticket.ServiceTicket;
import dev.p2pkit.peer.Peer;
import dev.p2pkit.peer.audit.AuditLog;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Revision;
import dev.p2pkit.sdk.ServiceControl;
import dev.p2pkit.sdk.ServiceHandle;
import dev.p2pkit.sdk.ServiceRight;
import dev.p2pkit.sdk.StagedRollout;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TicketControlTest {
  private static final Duration HOUR = Duration.ofHours(1);

  private static TestRing ring;

  @BeforeAll
  static void start() {
    ring = TestRing.of(2);
  }

  @AfterAll
  static void stop() {
    ring.close();
  }

  private static String ticket(String name, ServiceRight right) {
    ServiceHandle handle =
        get(ring.peer(0).install(Archives.echo("1", "one"), InstallOptions.named(name)));
    return get(handle.control(InstallOptions.named(name)).ticket(Set.of(right), HOUR));
  }

  /** A client whose own owner key is a stranger's. */
  private static Client connect() {
    return get(
        Client.connect(
            List.of(ring.peer(1).clientTicket(HOUR)),
            ClientOptions.DEFAULT.ownerKey(ring.directory().resolve("stranger.key"))));
  }

  private static void isRefused(CompletableFuture<?> stage, String why) {
    KitException failure = failure(stage);
    assertThat(failure.code()).isEqualTo(ErrorCode.UNAUTHORISED);
    assertThat(failure.detail()).contains(why);
  }

  @Test
  void theHolderPausesPromotesAndGoesBackButDoesNotEndSealOrRevoke() {
    InstallOptions options = InstallOptions.named("steered");
    String line = ticket("steered", ServiceRight.UPGRADE);
    ServiceTicket ticket = ServiceTicket.parse(line);
    try (Client client = connect()) {
      ServiceHandle handle = get(client.serviceOfTicket(line));
      ServiceControl control = handle.control(options);
      get(handle.update(Archives.echo("2", "two"), options.staged(StagedRollout.waves(0.0001, 1))));
      get(control.pause());
      get(control.resume());
      KitException running = failure(control.resume());
      assertThat(running.code()).isEqualTo(ErrorCode.NOT_UPGRADEABLE);
      assertThat(running.detail()).contains("is not paused").contains("service promote");
      get(control.promoteAll());
      get(control.rollback());
      List<Revision> past = get(control.history());
      assertThat(past)
          .extracting(Revision::what)
          .containsExactly("rollback", "promote", "resume", "pause", "roll-out", "install");
      String holder = OwnerKey.fingerprint(ticket.signer().key().publicHex());
      assertThat(past.subList(0, 5)).extracting(Revision::signer).containsOnly(holder);
      assertThat(past.get(5).signer()).isNotEqualTo(holder);
      for (Peer peer : ring.peers()) {
        await()
            .untilAsserted(
                () ->
                    assertThat(AuditLog.last(peer.settings().dataDirectory().orElseThrow(), 100))
                        .anySatisfy(
                            entry ->
                                assertThat(entry)
                                    .contains("\"what\":\"control\"")
                                    .contains("\"service\":\"steered\"")
                                    .contains("\"signer\":\"" + holder)));
      }
      isRefused(control.withdraw(), "owner's own key");
      isRefused(control.revoke(), "owner");
      isRefused(control.ticket(Set.of(ServiceRight.INVOKE), HOUR), "owner");
      isRefused(handle.update(Archives.echo("3", "three"), options.sealed()), "owner's own key");
    }
  }

  @Test
  void aTicketToCallSteersNothing() {
    String line = ticket("called", ServiceRight.INVOKE);
    try (Client client = connect()) {
      ServiceHandle handle = get(client.serviceOfTicket(line));
      ServiceControl control = handle.control(InstallOptions.named("called"));
      isRefused(handle.update(Archives.echo("2", "two"), InstallOptions.DEFAULT), "upgrade");
      isRefused(control.rollbackTo("1"), "right to upgrade called");
      isRefused(control.pause(), "right to upgrade called");
    }
  }

  @Test
  void aSealedVersionIsNotRolledOutInWaves() {
    InstallOptions options =
        InstallOptions.named("sealed").sealed().staged(StagedRollout.waves(0.5, 1));
    KitException failure = failure(ring.peer(0).install(Archives.echo("1", "one"), options));
    assertThat(failure.code()).isEqualTo(ErrorCode.NOT_UPGRADEABLE);
    assertThat(failure.detail()).contains("neither paused nor taken back");
  }
}
