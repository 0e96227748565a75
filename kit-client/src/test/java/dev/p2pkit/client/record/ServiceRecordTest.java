// The canonical form of a service record, its rules, and bytes that are none.
package dev.p2pkit.client.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
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
            "50324b52010007636f756e7465720001310000000000000001018bcfe568000000018bcfe5680000"
                + "0000000000000000000000000000000000000000000000000000000000000000009e691d5adacf0e"
                + "102f203100842ffaba4e2a7dfe3dbd536827d3c0db8c7e88f10000000a000000019e691d5adacf0e"
                + "102f203100842ffaba4e2a7dfe3dbd536827d3c0db8c7e88f10003312e300303a107bff3ce10be1d"
                + "70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b80000000000000000000000000000000000"
                + "000000000000000000000000000000d65a5aa1179b11f93419c58ee6776830d89a9fa82ac1de25db"
                + "74e909ec140eb6b43e33204bcbbeb17e7cf3f1e720f1cf74d7f6818d5c49e5f8856c785f13f509");
    assertThat(record.hash())
        .isEqualTo("50b761621e1b48f715e00bf0d85e3a808300fffbdcd9fc2fb0d441b9a4a5e5d7");
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
    byte[] good = ServiceRecord.first(OWNER, "counter", "1", EDITION, WALL).encoded();
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
    byte[] good = ServiceRecord.first(OWNER, "counter", "1", EDITION, WALL).encoded();
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
