// Tickets survive a copy and nothing else.
package dev.p2pkit.client.ticket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.transport.Identity;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class ClientTicketTest {
  private static final Instant EXPIRY = Instant.parse("2030-01-02T03:04:05Z");
  private static final String ALPHABET =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

  private final Identity peer = Identity.ephemeral();
  private final ClientTicket ticket = issue(peer, 1);

  private static ClientTicket issue(Identity peer, int nonce) {
    return ClientTicket.issue(
        List.of(new Endpoint("192.0.2.1", 4711), new Endpoint("2001:db8::1", 4712)),
        peer,
        "branch",
        true,
        Set.of(Right.USE, Right.OBSERVE),
        EXPIRY,
        new byte[] {(byte) nonce, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
  }

  static void isBad(ThrowingCallable call, String why) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            KitException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.BAD_TICKET);
              assertThat(e.detail()).contains(why);
            });
  }

  @Test
  void survivesBeingPrintedAndRead() {
    ClientTicket read = ClientTicket.parse("  " + ticket.text() + "\n");
    assertThat(read).isEqualTo(ticket);
    assertThat(read.text()).startsWith("p2pkit:client:1:").doesNotContainAnyWhitespaces();
    assertThat(read.endpoints()).isEqualTo(ticket.endpoints());
    assertThat(read.peer()).isEqualTo(peer.id());
    assertThat(read.publicKey()).isEqualTo(peer.rawPublicKey());
    assertThat(read.network()).isEqualTo("branch");
    assertThat(read.tls()).isTrue();
    assertThat(read.rights()).containsExactlyInAnyOrder(Right.USE, Right.OBSERVE);
    assertThat(read.expiry()).isEqualTo(EXPIRY);
  }

  @Test
  void ticketsOfTwoPeersAndTwoTicketsOfOneDiffer() {
    assertThat(issue(Identity.ephemeral(), 1).text()).isNotEqualTo(ticket.text());
    assertThat(issue(peer, 2).text()).isNotEqualTo(ticket.text());
  }

  @Test
  void everyChangedCharacterIsNoticed() {
    String text = ticket.text();
    for (int at = 0; at < text.length(); at++) {
      int present = ALPHABET.indexOf(text.charAt(at));
      char other = present < 0 ? 'x' : ALPHABET.charAt((present + 1) % ALPHABET.length());
      String garbled = text.substring(0, at) + other + text.substring(at + 1);
      isBad(() -> ClientTicket.parse(garbled), "./p2pkit ticket");
    }
  }

  @Test
  void everyCutTicketIsNoticed() {
    String text = ticket.text();
    for (int length = 0; length < text.length(); length++) {
      String cut = text.substring(0, length);
      isBad(() -> ClientTicket.parse(cut), "client ticket");
    }
    isBad(() -> ClientTicket.parse(text + "A"), "garbled");
    isBad(() -> ClientTicket.parse(text + "AAAA"), "client ticket");
  }

  @Test
  void aTicketSignedByAnotherPeerIsForged() {
    Identity forger = Identity.ephemeral();
    byte[] all = decode(ticket);
    byte[] forged = decode(issue(forger, 1));
    // The content names the peer, the signature is the forger's.
    System.arraycopy(forged, all.length - 64, all, all.length - 64, 64);
    isBad(() -> ClientTicket.parse(encode(all)), "forged");
  }

  @Test
  void expiresAtItsMoment() {
    ticket.checkExpiry(EXPIRY.minus(Duration.ofMillis(1)));
    isBad(() -> ticket.checkExpiry(EXPIRY), "expired at 2030-01-02T03:04:05Z");
  }

  @Test
  void saysWhenTheVersionOrTheKindIsAnother() {
    isBad(() -> ClientTicket.parse(ticket.text().replace(":1:", ":2:")), "another version than 1");
    isBad(
        () -> ClientTicket.parse(ticket.text().replace("client", "service")),
        "does not begin with 'p2pkit:client:'");
    isBad(() -> ClientTicket.parse(""), "does not begin with");
    isBad(() -> ClientTicket.parse("x".repeat(5_000)), "longer than 4096");
  }

  @Test
  void refusesToIssueWhatItWouldNotRead() {
    List<Endpoint> none = List.of();
    List<Endpoint> nine = Collections.nCopies(9, new Endpoint("h", 1));
    for (List<Endpoint> endpoints : List.of(none, nine)) {
      assertThatThrownBy(
              () ->
                  ClientTicket.issue(endpoints, peer, "n", true, Right.all(), EXPIRY, new byte[16]))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void theLargestTicketCanBeRead() {
    ClientTicket largest =
        ClientTicket.issue(
            Collections.nCopies(8, new Endpoint("h".repeat(255), 65_535)),
            peer,
            "n".repeat(100),
            false,
            Right.all(),
            EXPIRY,
            new byte[16]);
    assertThat(ClientTicket.parse(largest.text())).isEqualTo(largest);
  }

  private static byte[] decode(ClientTicket ticket) {
    return Base64.getUrlDecoder().decode(ticket.text().substring("p2pkit:client:1:".length()));
  }

  private static String encode(byte[] all) {
    return "p2pkit:client:1:" + Base64.getUrlEncoder().withoutPadding().encodeToString(all);
  }
}
