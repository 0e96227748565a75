// What a client may do by its ticket, on real peers.
package dev.p2pkit.peer.conformance;

import static dev.p2pkit.peer.conformance.TestRing.await;
import static dev.p2pkit.peer.conformance.TestRing.failure;
import static dev.p2pkit.peer.conformance.TestRing.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.p2pkit.client.Client;
import dev.p2pkit.client.ClientOptions;
import dev.p2pkit.client.ticket.Right;
import dev.p2pkit.peer.audit.AuditLog;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.ServiceHandle;
import dev.p2pkit.sdk.ServiceStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TicketRightsTest {
  private static final Duration HOUR = Duration.ofHours(1);

  private static TestRing ring;

  @BeforeAll
  static void start() {
    ring = TestRing.of(1);
  }

  @AfterAll
  static void stop() {
    ring.close();
  }

  /** A client that has the owner's key: only its ticket says what it may do. */
  private static Client client(Right... rights) {
    return get(
        Client.connect(
            List.of(ring.peer(0).clientTicket(HOUR, Set.of(rights))),
            ClientOptions.DEFAULT.ownerKey(ring.ownerKey())));
  }

  private static void isRefused(CompletableFuture<?> stage, Right needed) {
    KitException failure = failure(stage);
    assertThat(failure.code()).isEqualTo(ErrorCode.UNAUTHORISED);
    assertThat(failure.detail()).contains("right to " + needed).contains("ask for a ticket");
  }

  private static long refusals() {
    return ring.peer(0).info().statistics().dropped().get("client.unauthorised");
  }

  private static void isAudited(String service) {
    Path directory = ring.peer(0).settings().dataDirectory().orElseThrow();
    await()
        .untilAsserted(
            () ->
                assertThat(AuditLog.last(directory, 100))
                    .anySatisfy(
                        line ->
                            assertThat(line)
                                .contains("\"what\":\"refusal\"")
                                .contains("\"service\":\"" + service + "\"")
                                .contains("\"outcome\":\"UNAUTHORISED\"")
                                .contains("right to INSTALL")));
  }

  @Test
  void withoutInstallAClientNeitherInstallsNorUpgradesAndTheRefusalIsAudited() {
    ServiceHandle mine =
        get(ring.peer(0).install(Archives.echo("1", "one"), InstallOptions.named("mine")));
    long before = refusals();
    try (Client client = client(Right.USE, Right.OBSERVE)) {
      isRefused(
          client.install(Archives.echo("1", "one"), InstallOptions.named("fresh")), Right.INSTALL);
      isAudited("fresh");
      ServiceHandle seen = get(client.service("mine"));
      isRefused(
          seen.update(Archives.echo("2", "two"), InstallOptions.named("mine")), Right.INSTALL);
      isAudited("mine");
      assertThat(refusals()).isEqualTo(before + 2);
      assertThat(get(client.ring())).hasSize(1);
    }
    assertThat(failure(ring.peer(0).service("fresh")).code()).isEqualTo(ErrorCode.NO_SUCH_SERVICE);
    assertThat(get(mine.status()).version()).isEqualTo("1");
  }

  @Test
  void withInstallAloneAClientInstallsButNeitherCallsNorLooksAround() {
    try (Client client = client(Right.INSTALL)) {
      ServiceHandle handle =
          get(client.install(Archives.echo("1", "one"), InstallOptions.named("built")));
      ServiceStatus status = get(handle.status());
      assertThat(status.version()).isEqualTo("1");
      isRefused(handle.peer(client.peerId()).rpc("?", List.class), Right.USE);
      isRefused(client.ring(), Right.OBSERVE);
    }
  }

  @Test
  void aTicketGivesAtLeastOneRight() {
    assertThatThrownBy(() -> ring.peer(0).clientTicket(HOUR, Set.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("use,install,observe");
  }
}
