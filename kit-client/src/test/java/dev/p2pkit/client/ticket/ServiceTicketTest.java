// Rights to a service can be handed on and narrowed, never widened, prolonged or kept after a
// revocation.
package dev.p2pkit.client.ticket;

import static dev.p2pkit.client.ticket.ClientTicketTest.isBad;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.p2pkit.client.record.Certificate.Power;
import dev.p2pkit.client.record.Edition;
import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.client.record.Plan;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class ServiceTicketTest {
  private static final Instant EXPIRY = Instant.parse("2030-01-02T03:04:05Z");
  private static final Set<Power> ALL = EnumSet.allOf(Power.class);
  private static final Set<Power> INVOKE = Set.of(Power.INVOKE);
  private static final Edition EDITION =
      Edition.of(Archive.of(new byte[] {1}), "1", true, true).restricted(true);
  private static final Key SESSION = new Key(1, 2);
  private static final PeerId PROXY = new PeerId(new Key(3, 4));

  private final OwnerKey owner = OwnerKey.generate();
  private final ServiceRecord record =
      ServiceRecord.first(owner, "counter", "1", EDITION, EXPIRY.toEpochMilli() - 86_400_000);

  private ServiceTicket issued(Set<Power> powers) {
    return ServiceTicket.issue(owner, "counter", "1", 0, powers, EXPIRY);
  }

  private static void isRefused(ThrowingCallable call, ErrorCode code, String why) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            KitException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.detail()).contains(why);
            });
  }

  @Test
  void aTicketIsOneLineThatNeverHoldsTheOwnersKey() {
    ServiceTicket ticket = ServiceTicket.parse(issued(ALL).text());
    assertThat(ticket).isEqualTo(ServiceTicket.parse(ticket.text()));
    assertThat(ticket.name()).isEqualTo("counter");
    assertThat(ticket.instance()).isEqualTo("1");
    assertThat(ticket.owner()).isEqualTo(owner.publicHex());
    assertThat(ticket.powers()).isEqualTo(ALL);
    assertThat(ticket.expiry()).isEqualTo(EXPIRY);
    assertThat(ticket.toString()).contains("to invoke and to upgrade counter/1");
    byte[] bytes =
        java.util.Base64.getUrlDecoder()
            .decode(ticket.text().substring("p2pkit:service:2:".length()));
    assertThat(HexFormat.of().formatHex(bytes))
        .contains(owner.publicHex())
        .doesNotContain(HexFormat.of().formatHex(owner.seed()));
    assertThat(ticket.text()).doesNotContain("\n").hasSizeLessThan(1_500);
  }

  @Test
  void theRightToUpgradeSignsForTheOwner() {
    ServiceRecord next =
        record.next(issued(ALL).signer(), EDITION, Plan.AT_ONCE, EXPIRY.toEpochMilli() - 1_000);
    assertThat(next.signatureValid()).isTrue();
    assertThat(ServiceRecord.decode(next.encoded()).signatureValid()).isTrue();
    isRefused(
        () ->
            record.next(
                issued(INVOKE).signer(), EDITION, Plan.AT_ONCE, EXPIRY.toEpochMilli() - 1_000),
        ErrorCode.UNAUTHORISED,
        "does not give the right to UPGRADE");
    isRefused(
        () ->
            record.next(issued(ALL).signer(), EDITION, Plan.AT_ONCE, EXPIRY.toEpochMilli() + 1_000),
        ErrorCode.UNAUTHORISED,
        "expired");
  }

  @Test
  void narrowingGivesLessForShorterAndNeedsNoOwner() {
    ServiceTicket ticket = ServiceTicket.parse(issued(ALL).text());
    ServiceTicket less =
        ServiceTicket.parse(ticket.narrowed(INVOKE, EXPIRY.minusSeconds(60)).text());
    assertThat(less.powers()).isEqualTo(INVOKE);
    assertThat(less.expiry()).isEqualTo(EXPIRY.minusSeconds(60));
    assertThat(less.signer().key().publicHex()).isNotEqualTo(ticket.signer().key().publicHex());
    assertThat(ticket.narrowed(ALL, EXPIRY.plusSeconds(60)).expiry()).isEqualTo(EXPIRY);
    isRefused(() -> less.narrowed(ALL, EXPIRY), ErrorCode.UNAUTHORISED, "not to invoke and to");
    ServiceTicket fourth = less.narrowed(INVOKE, EXPIRY).narrowed(INVOKE, EXPIRY);
    assertThat(ServiceTicket.parse(fourth.text()).expiry()).isEqualTo(EXPIRY.minusSeconds(60));
    isRefused(() -> fourth.narrowed(INVOKE, EXPIRY), ErrorCode.UNAUTHORISED, "narrowed further");
  }

  @Test
  void aProofCountsInItsSessionAtItsPeerOnly() {
    CallerProof proof =
        CallerProof.decode(issued(INVOKE).narrowed(INVOKE, EXPIRY).prove(SESSION, PROXY).encoded());
    long before = EXPIRY.getEpochSecond() - 1;
    proof.check(record, SESSION, PROXY, before);
    isRefused(
        () -> proof.check(record, new Key(1, 3), PROXY, before),
        ErrorCode.BAD_SIGNATURE,
        "not made for this session");
    isRefused(
        () -> proof.check(record, SESSION, new PeerId(new Key(3, 5)), before),
        ErrorCode.BAD_SIGNATURE,
        "not made for this session");
    isRefused(
        () -> proof.check(record, SESSION, PROXY, EXPIRY.getEpochSecond() + 1),
        ErrorCode.UNAUTHORISED,
        "expired");
    isRefused(
        () -> issued(Set.of(Power.UPGRADE)).prove(SESSION, PROXY).check(record, SESSION, PROXY, 0),
        ErrorCode.UNAUTHORISED,
        "INVOKE");
  }

  @Test
  void theOwnersNextGenerationEndsItAndAnothersOwnersServiceIsNotMeant() {
    CallerProof proof = issued(INVOKE).prove(SESSION, PROXY);
    ServiceRecord revoked = record.revoking(owner, EXPIRY.toEpochMilli() - 5_000);
    isRefused(() -> proof.check(revoked, SESSION, PROXY, 0), ErrorCode.UNAUTHORISED, "has revoked");
    isRefused(
        () -> revoked.next(issued(ALL).signer(), EDITION, Plan.AT_ONCE, EXPIRY.toEpochMilli()),
        ErrorCode.UNAUTHORISED,
        "has revoked");
    ServiceRecord other = ServiceRecord.first(OwnerKey.generate(), "counter", "1", EDITION, 1);
    isRefused(() -> proof.check(other, SESSION, PROXY, 0), ErrorCode.UNAUTHORISED, "of owner");
  }

  @Test
  void everyChangedCharacterIsNoticed() {
    String text = issued(ALL).text();
    for (int at = 0; at < text.length(); at++) {
      char other = text.charAt(at) == 'A' ? 'B' : 'A';
      String garbled = text.substring(0, at) + other + text.substring(at + 1);
      isBad(() -> ServiceTicket.parse(garbled), "ask the service's owner");
    }
  }

  @Test
  void aTicketWhoseOwnerDidNotSignItIsForged() {
    // The forger's own certificate under another owner's name.
    ServiceTicket forged = ServiceTicket.issue(OwnerKey.generate(), "counter", "1", 0, ALL, EXPIRY);
    byte[] bytes =
        java.util.Base64.getUrlDecoder()
            .decode(forged.text().substring("p2pkit:service:2:".length()));
    System.arraycopy(owner.publicKey(), 0, bytes, 0, 32);
    byte[] content = java.util.Arrays.copyOf(bytes, bytes.length - 64);
    TicketText text = new TicketText("service", 2, "service ticket", "ask");
    byte[] signature = forged.signer().key().sign(text.toSign(content));
    isBad(() -> ServiceTicket.parse(text.format(content, signature)), "was not signed by the key");
  }

  @Test
  void expires() {
    isBad(() -> issued(INVOKE).checkExpiry(EXPIRY), "expired");
  }
}
