// The canonical form of a service record, its rules, and bytes that are none.
package dev.p2pkit.client.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.p2pkit.client.record.Certificate.Power;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class ServiceRecordTest {
  private static final long WALL = 1_700_000_000_000L;
  private static final OwnerKey OWNER = OwnerKey.ofSeed(counting());
  private static final Archive ARCHIVE =
      Archive.of("an archive".getBytes(StandardCharsets.US_ASCII));
  private static final Edition EDITION = Edition.of(ARCHIVE, "1.0", true, true);

  private static byte[] counting() {
    byte[] seed = new byte[32];
    for (int i = 0; i < seed.length; i++) {
      seed[i] = (byte) i;
    }
    return seed;
  }

  /**
   * The vector of docs/formats.md: the seed is that of the first test of RFC 8032 style counting.
   */
  @Test
  void theVectorOfTheDocumentation() {
    ServiceRecord record = ServiceRecord.first(OWNER, "counter", "1", EDITION, WALL);

    assertThat(OWNER.publicHex())
        .isEqualTo("03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8");
    assertThat(OWNER.fingerprint()).isEqualTo("56475aa75463474c");
    assertThat(OWNER.freshName()).isEqualTo("kzdvvj2umnduyauf35o36k6kw462mujvra46tn3uqgzovmihocga");
    assertThat(HexFormat.of().formatHex(record.encoded()))
        .isEqualTo(
            "50324b52020007636f756e746572000131000000000000000000000001018bcfe568000000018bcf"
                + "e5680000000000000000000000000000000000000000000000000000000000000000000000019e69"
                + "1d5adacf0e102f203100842ffaba4e2a7dfe3dbd536827d3c0db8c7e88f10000000a000000019e69"
                + "1d5adacf0e102f203100842ffaba4e2a7dfe3dbd536827d3c0db8c7e88f10003312e30030003a107"
                + "bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b80000000000000000000000"
                + "0000000000000000000000000000000000000000000045aa251b1be0d0fcbb5472fd030600607d2b"
                + "3778b498a60f95d61dc5211a250658b05682796c0a31a82611852f3907024080c84ae0cd819cf22f"
                + "720e2f6dec08");
    assertThat(record.hash())
        .isEqualTo("1aa005a9908b9a39887b35be69c7860b4a8d80eb7c4f675ff278472ed47c2bf0");
  }

  @Test
  void readsWhatItWrites() {
    ServiceRecord first = ServiceRecord.first(OWNER, "counter", "1", EDITION, WALL);
    ServiceRecord next = first.next(OWNER, Edition.of(ARCHIVE, "2", false, false), WALL + 5);
    ServiceRecord read = ServiceRecord.decode(next.encoded());

    assertThat(read).isEqualTo(next);
    assertThat(read.signatureValid()).isTrue();
    assertThat(read.epoch()).isEqualTo(2);
    assertThat(read.previous()).isEqualTo(first.hash());
    assertThat(read.claimHash()).isEqualTo(first.hash()).isEqualTo(first.claimHash());
    assertThat(read.claimHlc()).isEqualTo(first.hlc());
    assertThat(read.upgradeable()).isFalse();
    assertThat(read.sharable()).isFalse();
    assertThat(read.longName()).isEqualTo("counter@" + OWNER.fingerprint());
  }

  @Test
  void theClockNeverRunsBackwardsAlongAChain() {
    ServiceRecord first = ServiceRecord.first(OWNER, "counter", "1", EDITION, WALL);
    assertThat(first.next(OWNER, EDITION, WALL - 100_000).hlc()).isEqualTo(first.hlc() + 1);
  }

  @Test
  void onlyTheOwnerContinuesAndNobodyContinuesASealedChain() {
    ServiceRecord first = ServiceRecord.first(OWNER, "counter", "1", EDITION, WALL);
    assertThatThrownBy(() -> first.next(OwnerKey.generate(), EDITION, WALL))
        .isInstanceOfSatisfying(
            KitException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAUTHORISED));
    ServiceRecord sealed = first.next(OWNER, Edition.of(ARCHIVE, "2", false, true), WALL);
    assertThatThrownBy(
            () ->
                ServiceRecord.following(Optional.of(sealed), OWNER, "counter", "1", EDITION, WALL))
        .isInstanceOfSatisfying(
            KitException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_UPGRADEABLE));
  }

  @Test
  void whatIsSealedIsNotRolledOutInWaves() {
    Schedule waves =
        new Schedule(
            List.of(new Wave(Wave.ALL, Optional.empty(), 0)), HealthLimits.DEFAULT, false, 1);
    Plan staged = Plan.staged(waves, Optional.empty());
    Edition sealed = Edition.of(ARCHIVE, "2", false, true);
    ServiceRecord first = ServiceRecord.first(OWNER, "counter", "1", EDITION, WALL);
    assertThatThrownBy(() -> ServiceRecord.first(OWNER, "counter", "1", sealed, staged, WALL))
        .isInstanceOfSatisfying(
            KitException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.NOT_UPGRADEABLE);
              assertThat(e.detail()).contains("counter").contains("seal it without waves");
            });
    assertThatThrownBy(() -> first.next(Signer.owner(OWNER), sealed, staged, WALL))
        .isInstanceOfSatisfying(
            KitException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_UPGRADEABLE));
    assertThat(first.next(Signer.owner(OWNER), sealed, Plan.AT_ONCE, WALL).upgradeable()).isFalse();
  }

  @Test
  void aRecordOfAnotherFormatNamesTheFix() {
    byte[] bytes = ServiceRecord.first(OWNER, "counter", "1", EDITION, WALL).encoded();
    assertThat(ServiceRecord.otherFormat(bytes)).isEmpty();
    assertThat(ServiceRecord.otherFormat(new byte[] {1, 2, 3, 4, 5})).isEmpty();
    assertThat(ServiceRecord.otherFormat(new byte[3])).isEmpty();
    bytes[4] = 1;
    assertThat(ServiceRecord.otherFormat(bytes))
        .hasValueSatisfying(
            what ->
                assertThat(what)
                    .contains("format 1", "reads format 2", "install the service again"));
    assertThatThrownBy(() -> ServiceRecord.decode(bytes))
        .isInstanceOf(WireException.class)
        .hasMessageContaining("install the service again");
  }

  @Test
  void aStagedRecordReadsAsItWasWritten() {
    ServiceRecord first = ServiceRecord.first(OWNER, "counter", "1", EDITION, WALL);
    Schedule schedule =
        new Schedule(
            List.of(
                new Wave(100, Optional.of("site=lab"), WALL),
                new Wave(Wave.ALL, Optional.empty(), WALL + 300_000)),
            new HealthLimits(1, 50, 150, 2_500),
            true,
            1);
    Edition next = Edition.of(ARCHIVE, "2.0", true, true).restricted(true);
    ServiceRecord staged =
        first.next(
            Signer.owner(OWNER), next, Plan.staged(schedule, Optional.of(EDITION)), WALL + 1);
    ServiceRecord read = ServiceRecord.decode(staged.encoded());

    assertThat(read.plan().schedule()).isEqualTo(schedule);
    assertThat(read.plan().base()).contains(EDITION);
    assertThat(read.edition().restricted()).isTrue();
    assertThat(read.signatureValid()).isTrue();
    everyPrefixIsRefused(staged.encoded());
    everyBitCounts(staged.encoded());
  }

  @Test
  void theEndOfAServiceIsTheOwnersAlone() {
    ServiceRecord first = ServiceRecord.first(OWNER, "counter", "1", EDITION, WALL);
    ServiceRecord end = first.next(Signer.owner(OWNER), EDITION, Plan.WITHDRAWN, WALL);
    assertThat(ServiceRecord.decode(end.encoded()).withdrawn()).isTrue();

    Signer helper = delegate(OwnerKey.generate(), 0, WALL / 1_000 + 60);
    unauthorised(() -> first.next(helper, EDITION, Plan.WITHDRAWN, WALL));
    unauthorised(
        () -> first.next(helper, Edition.of(ARCHIVE, "2", false, true), Plan.AT_ONCE, WALL));
  }

  @Test
  void aSealedServiceMayEnd() {
    ServiceRecord sealed =
        ServiceRecord.first(OWNER, "counter", "1", Edition.of(ARCHIVE, "1", false, true), WALL);
    assertThat(
            sealed
                .next(Signer.owner(OWNER), sealed.edition(), Plan.WITHDRAWN, WALL)
                .signatureValid())
        .isTrue();
  }

  /** The same record with another epoch, signed by whoever has signed it. */
  private static byte[] withEpoch(ServiceRecord record, OwnerKey signer, long epoch) {
    byte[] all = record.encoded();
    int at = 4 + 1 + 2 + record.name().length() + 2 + record.instance().length() + 4;
    ByteBuffer.wrap(all).putLong(at, epoch);
    byte[] signed = Arrays.copyOf(all, all.length - 64);
    System.arraycopy(signer.sign(signed), 0, all, signed.length, 64);
    return all;
  }

  @Test
  void aTicketCannotUseUpTheEpochsOfItsOwner() {
    OwnerKey key = OwnerKey.generate();
    Signer helper = delegate(key, 0, WALL / 1_000 + 60);
    ServiceRecord first = ServiceRecord.first(OWNER, "counter", "1", EDITION, WALL);
    ServiceRecord theirs = first.next(helper, EDITION, Plan.AT_ONCE, WALL + 1);
    for (long epoch : new long[] {Long.MAX_VALUE, ServiceRecord.MAX_EPOCH, (1L << 32) + 1}) {
      assertThatThrownBy(() -> ServiceRecord.decode(withEpoch(theirs, key, epoch)))
          .isInstanceOf(WireException.class)
          .hasMessageContaining("p2pkit service revoke");
    }

    // As far as a ticket can go, the owner goes on, and after it new tickets too.
    ServiceRecord last = ServiceRecord.decode(withEpoch(theirs, key, 1L << 32));
    assertThat(last.signatureValid()).isTrue();
    unauthorised(() -> last.next(helper, EDITION, Plan.AT_ONCE, WALL + 2));
    ServiceRecord revoked = last.revoking(OWNER, WALL + 3);
    assertThat(revoked.epoch()).isEqualTo((1L << 32) + 1);
    Signer another = delegate(OwnerKey.generate(), 1, WALL / 1_000 + 60);
    assertThat(revoked.next(another, EDITION, Plan.AT_ONCE, WALL + 4).signatureValid()).isTrue();

    ServiceRecord own = first.next(OWNER, EDITION, WALL + 1);
    assertThatThrownBy(() -> ServiceRecord.decode(withEpoch(own, OWNER, Long.MAX_VALUE)))
        .isInstanceOf(WireException.class);
  }

  private static Signer delegate(OwnerKey key, int generation, long expiry) {
    return new Signer(
        key,
        OWNER.publicHex(),
        List.of(
            Certificate.issue(
                OWNER,
                "counter",
                "1",
                key.publicHex(),
                EnumSet.of(Power.UPGRADE),
                generation,
                expiry)));
  }

  @Test
  void whoHoldsACertificateUpgradesUntilItEndsOrIsRevoked() {
    ServiceRecord first = ServiceRecord.first(OWNER, "counter", "1", EDITION, WALL);
    Signer helper = delegate(OwnerKey.generate(), 0, WALL / 1_000 + 60);
    ServiceRecord next = first.next(helper, EDITION, Plan.AT_ONCE, WALL + 1_000);
    ServiceRecord read = ServiceRecord.decode(next.encoded());
    assertThat(read.signatureValid()).isTrue();
    assertThat(read.chain()).isEqualTo(helper.chain());
    assertThat(read.owner()).isEqualTo(OWNER.publicHex());
    everyPrefixIsRefused(next.encoded());
    everyBitCounts(next.encoded());

    unauthorised(() -> first.next(helper, EDITION, Plan.AT_ONCE, WALL + 62_000));
    ServiceRecord revoked = next.revoking(OWNER, WALL + 2_000);
    assertThat(revoked.generation()).isEqualTo(1);
    assertThat(revoked.archive()).isEqualTo(next.archive());
    unauthorised(() -> revoked.next(helper, EDITION, Plan.AT_ONCE, WALL + 3_000));
    unauthorised(() -> next.revoking(helper.key(), WALL));
  }

  @Test
  void rightsAreHandedOnNarrowerOnly() {
    OwnerKey second = OwnerKey.generate();
    OwnerKey third = OwnerKey.generate();
    Signer helper = delegate(second, 0, WALL / 1_000 + 60);
    Certificate further =
        Certificate.issue(
            second,
            "counter",
            "1",
            third.publicHex(),
            EnumSet.of(Power.INVOKE, Power.UPGRADE),
            0,
            WALL / 1_000 + 3_600);
    List<Certificate> chain = List.of(helper.chain().get(0), further);
    long now = WALL / 1_000;
    assertThat(holder(chain, Power.UPGRADE, now)).isEqualTo(third.publicHex());
    // What the second did not have, it could not give; neither more time.
    unauthorised(() -> holder(chain, Power.INVOKE, now));
    unauthorised(() -> holder(chain, Power.UPGRADE, now + 61));
    assertThatThrownBy(() -> holder(List.of(further), Power.UPGRADE, now))
        .isInstanceOfSatisfying(
            KitException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_SIGNATURE));
    unauthorised(
        () -> holder(List.of(further, further, further, further, further), Power.UPGRADE, now));
  }

  private static String holder(List<Certificate> chain, Power power, long seconds) {
    return Certificate.holder(OWNER.publicHex(), "counter", "1", 0, chain, power, seconds);
  }

  private static void unauthorised(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            KitException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAUTHORISED));
  }

  @Test
  void namesMadeFromAKeyBelongToIt() {
    String fresh = OWNER.freshName();
    assertThat(ServiceRecord.first(OWNER, fresh, "1", EDITION, WALL).name()).isEqualTo(fresh);
    OwnerKey thief = OwnerKey.generate();
    assertThatThrownBy(() -> ServiceRecord.first(thief, fresh, "1", EDITION, WALL))
        .isInstanceOfSatisfying(
            KitException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAUTHORISED));
    assertThatThrownBy(
            () -> ServiceRecord.first(thief, "counter@" + OWNER.fingerprint(), "1", EDITION, WALL))
        .isInstanceOfSatisfying(
            KitException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAUTHORISED));
  }

  @Test
  void aChangedBitInAnyByteIsNoticed() {
    everyBitCounts(ServiceRecord.first(OWNER, "counter", "1", EDITION, WALL).encoded());
  }

  private static void everyBitCounts(byte[] good) {
    for (int at = 0; at < good.length; at++) {
      byte[] bad = good.clone();
      bad[at] ^= (byte) (1 << (at % 8));
      boolean refused;
      try {
        refused = !ServiceRecord.decode(bad).signatureValid();
      } catch (WireException e) {
        refused = true;
      }
      assertThat(refused).as("byte %d", at).isTrue();
    }
  }

  @Test
  void everyPrefixIsRefused() {
    everyPrefixIsRefused(ServiceRecord.first(OWNER, "counter", "1", EDITION, WALL).encoded());
  }

  private static void everyPrefixIsRefused(byte[] good) {
    for (int length = 0; length < good.length; length++) {
      byte[] cut = Arrays.copyOf(good, length);
      assertThatThrownBy(() -> ServiceRecord.decode(cut)).isInstanceOf(WireException.class);
    }
    byte[] longer = Arrays.copyOf(good, good.length + 1);
    assertThatThrownBy(() -> ServiceRecord.decode(longer)).isInstanceOf(WireException.class);
  }

  @Property(tries = 500)
  void randomBytesAreRefusedWithAReason(@ForAll byte[] bytes) {
    assertThatThrownBy(() -> ServiceRecord.decode(bytes)).isInstanceOf(WireException.class);
  }

  @Property(tries = 200)
  void randomBytesAfterAGoodBeginningAreRefused(@ForAll byte[] bytes) {
    byte[] good = ServiceRecord.first(OWNER, "counter", "1", EDITION, WALL).encoded();
    byte[] mixed = Arrays.copyOf(good, 60 + bytes.length);
    System.arraycopy(bytes, 0, mixed, 60, bytes.length);
    assertThatThrownBy(() -> ServiceRecord.decode(mixed)).isInstanceOf(WireException.class);
  }

  @Test
  void theLargestArchiveFitsIntoARecord() {
    byte[] content = new byte[Archive.MAX_BYTES];
    new Random(1).nextBytes(content);
    Edition edition = Edition.of(Archive.of(content), "v".repeat(64), true, true);
    ServiceRecord record =
        ServiceRecord.first(OWNER, "n".repeat(128), "i".repeat(128), edition, WALL);
    assertThat(record.encoded().length).isLessThanOrEqualTo(ServiceRecord.MAX_BYTES);
    assertThat(ServiceRecord.decode(record.encoded())).isEqualTo(record);
  }

  @Test
  void theVersionComesFromTheDescriptor() throws IOException {
    assertThat(Edition.of(jar("{\"format\":1,\"version\":\"1.4.0\"}"), true, true).version())
        .isEqualTo("1.4.0");
    for (String bad : new String[] {"{}", "{\"version\":7}", "{", "{\"version\":\"a b\"}"}) {
      Archive archive = jar(bad);
      assertThatThrownBy(() -> Edition.of(archive, true, true))
          .isInstanceOfSatisfying(
              KitException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_ARCHIVE));
    }
    assertThatThrownBy(() -> Edition.of(ARCHIVE, true, true))
        .isInstanceOf(KitException.class)
        .hasMessageContaining("META-INF/kit/service.json");
    assertThatThrownBy(() -> Edition.of(Archive.of(new byte[0]), "1", true, true))
        .isInstanceOfSatisfying(
            KitException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_ARCHIVE));
  }

  private static Archive jar(String descriptor) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry("before.txt"));
      zip.write(new byte[10_000]);
      zip.putNextEntry(new ZipEntry("META-INF/kit/service.json"));
      zip.write(descriptor.getBytes(StandardCharsets.UTF_8));
    }
    return Archive.of(bytes.toByteArray());
  }

  @Test
  void chunksCoverAnArchiveExactly() {
    byte[] content = new byte[2 * Chunks.BYTES + 1];
    assertThat(Chunks.hashes(content)).hasSize(3);
    assertThat(Chunks.length(content.length, 2)).isEqualTo(1);
    assertThat(Chunks.hashes(content).get(2)).isEqualTo(Chunks.hash(new byte[1]));
    assertThat(Chunks.count(2 * Chunks.BYTES)).isEqualTo(2);
  }
}
