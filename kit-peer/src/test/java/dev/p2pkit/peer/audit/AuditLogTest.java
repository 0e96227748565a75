// The audit keeps what owners did, and strangers can neither fill the disk nor push it out.
package dev.p2pkit.peer.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.client.record.Edition;
import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditLogTest {
  private static final PeerId SELF = new PeerId(new Key(1, 1));
  private static final PeerId OTHER = new PeerId(new Key(2, 2));
  private static final ServiceRecord RECORD =
      ServiceRecord.first(
          OwnerKey.generate(),
          "counter",
          "1",
          Edition.of(Archive.of(new byte[] {1}), "1", true, true),
          1);

  @TempDir Path directory;
  private final AtomicLong now = new AtomicLong(1_790_000_000_000L);

  private AuditLog log(long mostBytes) {
    return new AuditLog(directory, SELF, now::get, Runnable::run, mostBytes);
  }

  private static AuditEntry refusal() {
    return AuditEntry.refused(
        AuditEntry.What.REFUSAL, RECORD, OTHER, ErrorCode.BAD_SIGNATURE, "forged");
  }

  private static AuditEntry deed() {
    return AuditEntry.done(AuditEntry.What.INSTALL, RECORD, OTHER, "");
  }

  @Test
  void aLineSaysWhatByWhoseRightAndWhatCameOfIt() throws IOException {
    AuditLog log = log(1 << 20);
    log.add(deed());
    log.add(refusal());
    List<String> lines = AuditLog.last(directory, 10);
    assertThat(lines).hasSize(2);
    assertThat(lines.get(0))
        .contains("\"what\":\"install\"", "\"service\":\"counter\"", "\"outcome\":\"OK\"")
        .contains("\"signer\":\"" + OwnerKey.fingerprint(RECORD.owner()))
        .contains("\"by\":\"" + OTHER, "\"peer\":\"" + SELF, "\"archive\":\"" + RECORD.archive())
        .contains("\"time\":\"2026-");
    assertThat(lines.get(1)).contains("\"outcome\":\"BAD_SIGNATURE\"", "\"reason\":\"forged\"");
    assertThat(AuditLog.last(directory, 1)).containsExactly(lines.get(1));
  }

  @Test
  void aFloodOfRefusalsIsCountedAndDeedsAreStillWritten() throws IOException {
    AuditLog log = log(1 << 20);
    for (int i = 0; i < 100_000; i++) {
      log.add(refusal());
    }
    assertThat(AuditLog.last(directory, 1 << 20)).hasSize(AuditLog.REFUSALS_AT_ONCE);
    log.add(deed());
    assertThat(AuditLog.last(directory, 1).get(0)).contains("install");
    now.addAndGet(60_000 / AuditLog.REFUSALS_PER_MINUTE);
    log.add(refusal());
    log.add(refusal());
    assertThat(AuditLog.last(directory, 1).get(0))
        .contains("\"leftOut\":" + (100_000 - AuditLog.REFUSALS_AT_ONCE));
    // A clock that is set back gives nobody more.
    now.addAndGet(-3_600_000);
    log.add(refusal());
    assertThat(AuditLog.last(directory, 1 << 20)).hasSize(AuditLog.REFUSALS_AT_ONCE + 2);
  }

  @Test
  void filesRotateWithinTheirBoundAndStayInOrder() throws IOException {
    AuditLog log = log(4_000);
    for (int i = 0; i < 500; i++) {
      log.add(AuditEntry.done(AuditEntry.What.UPGRADE, RECORD, OTHER, "number " + i));
    }
    long bytes = 0;
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        bytes += Files.size(file);
      }
    }
    assertThat(bytes).isLessThanOrEqualTo(8 * 4_000);
    List<String> lines = AuditLog.last(directory, 20);
    assertThat(lines).hasSize(20);
    assertThat(lines.get(0)).contains("number 480");
    assertThat(lines.get(19)).contains("number 499");
  }
}
