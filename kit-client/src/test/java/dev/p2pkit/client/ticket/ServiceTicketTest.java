// Rights to a service can be handed on and narrowed, never widened.
package dev.p2pkit.client.ticket;

import static dev.p2pkit.client.ticket.ClientTicketTest.isBad;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ServiceTicketTest {
  private static final Instant EXPIRY = Instant.parse("2030-01-02T03:04:05Z");

  private final OwnerKey owner = OwnerKey.generate();

  @Test
  void theRightToUpgradeCarriesTheKey() {
    ServiceTicket ticket =
        ServiceTicket.parse(ServiceTicket.toUpgrade(owner, "counter", "1", EXPIRY).text());
    assertThat(ticket.name()).isEqualTo("counter");
    assertThat(ticket.instance()).isEqualTo("1");
    assertThat(ticket.owner()).isEqualTo(owner.publicHex());
    assertThat(ticket.upgradeKey().orElseThrow().publicHex()).isEqualTo(owner.publicHex());
    assertThat(ticket.toString()).contains("upgrade counter/1");
  }

  @Test
  void theRightToUseDoesNot() {
    ServiceTicket ticket =
        ServiceTicket.parse(ServiceTicket.toUse(owner, "counter", "1", EXPIRY).text());
    assertThat(ticket.upgradeKey()).isEmpty();
    assertThatThrownBy(() -> ticket.narrowed(EXPIRY))
        .isInstanceOfSatisfying(
            KitException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAUTHORISED));
  }

  @Test
  void narrowingKeepsTheServiceAndNeverProlongs() {
    ServiceTicket ticket = ServiceTicket.toUpgrade(owner, "counter", "1", EXPIRY);
    ServiceTicket shorter = ticket.narrowed(EXPIRY.minusSeconds(60));
    assertThat(ServiceTicket.parse(shorter.text()).expiry()).isEqualTo(EXPIRY.minusSeconds(60));
    assertThat(shorter.upgradeKey()).isEmpty();
    assertThat(ticket.narrowed(EXPIRY.plusSeconds(60)).expiry()).isEqualTo(EXPIRY);
  }

  @Test
  void everyChangedCharacterIsNoticed() {
    String text = ServiceTicket.toUpgrade(owner, "counter", "1", EXPIRY).text();
    for (int at = 0; at < text.length(); at++) {
      char other = text.charAt(at) == 'A' ? 'B' : 'A';
      String garbled = text.substring(0, at) + other + text.substring(at + 1);
      isBad(() -> ServiceTicket.parse(garbled), "ask the service's owner");
    }
  }

  @Test
  void expires() {
    isBad(() -> ServiceTicket.toUse(owner, "a", "1", EXPIRY).checkExpiry(EXPIRY), "expired");
  }
}
