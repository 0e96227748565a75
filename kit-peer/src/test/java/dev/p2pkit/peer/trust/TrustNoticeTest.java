// Notices of trust: what they say, who may sign them, and what becomes of bytes that were changed.
package dev.p2pkit.peer.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.notice.AdministratorCertificate;
import dev.p2pkit.overlay.notice.AdministratorCertificate.Power;
import dev.p2pkit.overlay.notice.Authority;
import dev.p2pkit.overlay.transport.NetworkRoot;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TrustNoticeTest {
  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
  private static final OwnerKey OWNER = OwnerKey.ofSeed(seed(1));
  private static final OwnerKey OTHER = OwnerKey.ofSeed(seed(2));
  private static final NetworkRoot ROOT = NetworkRoot.ephemeral();

  private final Words words = new Words(NOW.toEpochMilli());

  private static byte[] seed(int value) {
    byte[] seed = new byte[32];
    seed[0] = (byte) value;
    return seed;
  }

  private static TrustNotice signed(
      OwnerKey administrator, AdministratorCertificate certificate, Instant at) {
    return TrustNotice.issue(
        "net",
        at,
        new TrustWord.OfOwner(OWNER.publicHex(), Optional.empty()),
        "",
        new Authority(administrator.publicKey(), Optional.of(certificate)),
        administrator::sign);
  }

  /** The vectors of docs/formats.md, by the key of its record. */
  @Test
  void theVectorsOfTheDocumentation() {
    byte[] seed = new byte[32];
    for (int i = 0; i < seed.length; i++) {
      seed[i] = (byte) i;
    }
    OwnerKey key = OwnerKey.ofSeed(seed);
    NamePattern acme = new NamePattern("acme.*");
    OwnerGrant grant =
        new OwnerGrant(
            EnumSet.allOf(OwnerGrant.Right.class),
            List.of(acme),
            Instant.ofEpochMilli(1_800_000_000_000L));
    assertThat(hex(key, new TrustWord.OfOwner(key.publicHex(), Optional.of(grant)), "vendor"))
        .isEqualTo(
            "50324b540100067032706b69740000018bcfe568000103a107bff3ce10be1d70dd18e74bc09967e4"
                + "d6309ba50d5f1ddc8664125531b803000001a3185c500001000661636d652e2a000676656e646f72"
                + "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b800000000d2e69154"
                + "2d1b2ca80cee89219ce27856ca16358c569bd3e43f0ed887c26ad618bc3ff04f9720e5b983db4562"
                + "36282d0ce729bf265113681336df12790bb1330e");
    assertThat(hex(key, new TrustWord.OfName(acme, Optional.of(key.publicHex())), ""))
        .isEqualTo(
            "50324b540100067032706b69740000018bcfe5680002000661636d652e2a0103a107bff3ce10be1d"
                + "70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8000003a107bff3ce10be1d70dd18e74bc0"
                + "9967e4d6309ba50d5f1ddc8664125531b80000000076d8bf941633edf8b7cda7eee3b300a1e491e8"
                + "ef04feeefe9ee851d6072bfe019709cdc34cc074032c54c78ad8ac16505d3826584e2c75a4fb2100"
                + "ca83766e00");
  }

  private static String hex(OwnerKey key, TrustWord word, String note) {
    TrustNotice notice =
        TrustNotice.issue(
            "p2pkit",
            Instant.ofEpochMilli(1_700_000_000_000L),
            word,
            note,
            new Authority(key.publicKey(), Optional.empty()),
            key::sign);
    assertThat(notice.objection("p2pkit", key.publicKey())).isEmpty();
    return HexFormat.of().formatHex(notice.encode());
  }

  @Test
  void aLineOfTextCarriesANotice() {
    for (TrustNotice notice :
        List.of(
            words.owner(OWNER, "b.*", "a", "b.*"),
            words.revoked(OWNER),
            words.name("acme.*", OTHER),
            words.free("acme.counter"))) {
      TrustNotice read = TrustNotice.parse(notice.toText() + "\n");
      assertThat(read.encode()).isEqualTo(notice.encode());
      assertThat(read.word()).isEqualTo(notice.word());
      assertThat(read.hash()).isEqualTo(notice.hash());
      assertThat(notice.toText().length() + "trust ".length()).isLessThan(4_096);
    }
    assertThatThrownBy(() -> TrustNotice.parse("hello"))
        .isInstanceOfSatisfying(
            KitException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.BAD_SIGNATURE);
              assertThat(e.detail()).contains("p2pkit trust owner KEY --print");
            });
  }

  @Test
  void theLargestNoticeFitsIntoALineForARunningPeer() {
    String[] names = new String[OwnerGrant.MOST_NAMES];
    for (int i = 0; i < names.length; i++) {
      names[i] = i + "n".repeat(NamePattern.MOST - 1);
    }
    AdministratorCertificate certificate =
        AdministratorCertificate.issue(
            ROOT, OTHER.publicKey(), "n".repeat(64), NOW, Set.of(Power.TRUST));
    TrustNotice notice =
        TrustNotice.issue(
            "n".repeat(64),
            NOW,
            words.owner(OWNER, names).word(),
            "x".repeat(TrustNotice.NOTE_BYTES),
            new Authority(OTHER.publicKey(), Optional.of(certificate)),
            OTHER::sign);
    assertThat(notice.encode().length).isLessThan(TrustNotice.MOST_BYTES);
    assertThat(("trust " + notice.toText()).length()).isLessThan(4_096);
  }

  @Test
  void changedBytesAreRefusedOrNotObeyed() {
    TrustNotice notice = words.owner(OWNER, "acme.*");
    byte[] root = HexFormat.of().parseHex(words.rootKey());
    assertThat(notice.objection("p2pkit", root)).isEmpty();
    byte[] bytes = notice.encode();
    for (int at = 0; at < bytes.length; at++) {
      byte[] altered = bytes.clone();
      altered[at] ^= 1;
      try {
        assertThat(TrustNotice.decode(altered).objection("p2pkit", root)).isPresent();
      } catch (WireException e) {
        assertThat(e).hasMessageNotContaining("Exception");
      }
    }
    Random random = new Random(4);
    for (int i = 0; i < 2_000; i++) {
      byte[] altered = bytes.clone();
      for (int j = 0; j < 3; j++) {
        altered[random.nextInt(altered.length)] = (byte) random.nextInt();
      }
      try {
        TrustNotice.decode(java.util.Arrays.copyOf(altered, random.nextInt(altered.length + 1)));
      } catch (WireException e) {
        assertThat(e).isNotNull();
      }
    }
  }

  @Test
  void anAdministratorNeedsThePowerToTrust() {
    Instant end = NOW.plusSeconds(60);
    AdministratorCertificate bans =
        AdministratorCertificate.issue(ROOT, OTHER.publicKey(), "net", end);
    AdministratorCertificate trusts =
        AdministratorCertificate.issue(ROOT, OTHER.publicKey(), "net", end, Set.of(Power.TRUST));
    byte[] root = ROOT.rawPublicKey();
    assertThat(signed(OTHER, bans, NOW).objection("net", root))
        .hasValueSatisfying(why -> assertThat(why).contains("administrator --may trust"));
    assertThat(signed(OTHER, trusts, NOW).objection("net", root)).isEmpty();
    assertThat(signed(OWNER, trusts, NOW).objection("net", root))
        .hasValueSatisfying(why -> assertThat(why).contains("another than the administrator"));
    assertThat(signed(OTHER, trusts, end.plusMillis(1)).objection("net", root))
        .hasValueSatisfying(why -> assertThat(why).contains("expired"));
    assertThat(signed(OTHER, trusts, NOW).objection("other", root))
        .hasValueSatisfying(why -> assertThat(why).contains("for the network net"));
    assertThat(signed(OTHER, trusts, NOW).objection("net", NetworkRoot.ephemeral().rawPublicKey()))
        .hasValueSatisfying(why -> assertThat(why).contains("another root"));
    assertThat(AdministratorCertificate.parse(trusts.toText()).powers())
        .containsExactly(Power.TRUST);
    assertThat(AdministratorCertificate.parse(bans.toText()).powers()).containsExactly(Power.BAN);
    assertThat(bans.toText()).startsWith("p2pkit:administrator:1:");
    assertThat(trusts.toText()).startsWith("p2pkit:administrator:2:");
  }

  @Test
  void rulesDependOnTheNoticesAndNotOnTheirOrder() {
    List<TrustNotice> notices = new ArrayList<>();
    notices.add(words.name("*", OTHER));
    notices.add(words.name("acme.*", OWNER));
    notices.add(words.name("acme.counter", OWNER));
    notices.add(words.name("acme.counter", OTHER));
    notices.add(words.name("acme.deep.*", OTHER));
    notices.add(words.free("acme.deep.*"));
    notices.add(words.owner(OWNER));
    notices.add(words.revoked(OWNER));
    for (int seed = 0; seed < 50; seed++) {
      Collections.shuffle(notices, new Random(seed));
      TrustRules rules = TrustRules.of(notices);
      assertThat(rules.holder("acme.counter")).contains(OTHER.publicHex());
      assertThat(rules.holder("acme.counters")).contains(OWNER.publicHex());
      assertThat(rules.holder("acme.deep.one")).contains(OWNER.publicHex());
      assertThat(rules.holder("acme")).contains(OTHER.publicHex());
      assertThat(rules.isRevoked(OWNER.publicHex())).isTrue();
      // What is made of a key is that key's, whatever a pattern says.
      assertThat(rules.holder(OWNER.freshName())).isEmpty();
      assertThat(rules.holder(OWNER.freshName() + "-0a1b2c3d4e")).isEmpty();
    }
  }

  @Test
  void patternsHaveAForm() {
    for (String wrong : List.of("", "**", "a*b", "*a", ".a", "a b", "n".repeat(129))) {
      assertThatThrownBy(() -> new NamePattern(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("acme.*");
    }
    assertThat(new NamePattern("a*").covers("abc")).isTrue();
    assertThat(new NamePattern("a*").covers("ba")).isFalse();
    assertThat(new NamePattern("a").covers("ab")).isFalse();
  }
}
