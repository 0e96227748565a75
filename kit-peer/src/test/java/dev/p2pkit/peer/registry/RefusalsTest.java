// What is refused: with which code, counted where, and with a line in the audit.
package dev.p2pkit.peer.registry;

import static dev.p2pkit.peer.registry.World.OTHER;
import static dev.p2pkit.peer.registry.World.OWNER;
import static dev.p2pkit.peer.registry.World.archive;
import static dev.p2pkit.peer.registry.World.edition;
import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.client.record.Certificate.Power;
import dev.p2pkit.client.record.Edition;
import dev.p2pkit.client.record.Plan;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.client.ticket.ServiceTicket;
import dev.p2pkit.peer.audit.AuditEntry;
import dev.p2pkit.peer.registry.World.Node;
import dev.p2pkit.peer.registry.timing.Result;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.UpdateReport;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RefusalsTest {
  private static final Archive V1 = archive(1, 150_000);
  private static final Archive V2 = archive(2, 150_000);

  private static World ring(TrustPolicy trust) {
    World world = new World(41);
    world.trust = trust;
    return world.ring(4);
  }

  private static TrustPolicy onlyOwner() {
    return new TrustPolicy.Trusted(Set.of(OWNER.publicHex()));
  }

  private static void isRefused(Result<UpdateReport> result, ErrorCode code) {
    assertThat(result).isInstanceOf(Result.Failure.class);
    assertThat(((Result.Failure<UpdateReport>) result).code()).isEqualTo(code);
  }

  /** On some peer the refusal has a line with its code, and on each peer it is counted. */
  private static void isAuditedAndCounted(World world, ErrorCode code, String reason) {
    List<AuditEntry> lines =
        world.nodes.stream()
            .flatMap(node -> node.audit.stream())
            .filter(entry -> entry.refused().equals(Optional.of(code)))
            .toList();
    assertThat(lines).isNotEmpty();
    assertThat(lines)
        .allSatisfy(line -> assertThat(line.what()).isEqualTo(AuditEntry.What.REFUSAL));
    assertThat(
            world.nodes.stream()
                .mapToLong(node -> node.registry.statistics().refused().getOrDefault(reason, 0L))
                .sum())
        .isGreaterThanOrEqualTo(lines.size());
  }

  private static ServiceRecord installed(World world, Edition edition) {
    Node node = world.nodes.get(0);
    ServiceRecord record = world.sign(node, OWNER, "counter", edition);
    assertThat(world.installed(node, record, V1)).isInstanceOf(Result.Value.class);
    world.run(Duration.ofSeconds(3));
    assertThat(world.running("counter/1", 1)).isEqualTo(4);
    return record;
  }

  @Test
  void aJarSignedByAStrangerIsRefused() {
    World world = ring(onlyOwner());
    Node node = world.nodes.get(1);
    ServiceRecord record = world.sign(node, OTHER, "counter", edition(V1, "1"));
    isRefused(world.installed(node, record, V1), ErrorCode.UNAUTHORISED);
    isAuditedAndCounted(world, ErrorCode.UNAUTHORISED, "untrusted");
    assertThat(world.running("counter/1", 1)).isZero();
  }

  @Test
  void aRecordWithAnOldEpochIsRefused() {
    World world = ring(onlyOwner());
    ServiceRecord first = installed(world, edition(V1, "1"));
    Node node = world.nodes.get(2);
    ServiceRecord second = world.sign(node, OWNER, "counter", edition(V2, "2"));
    world.installed(node, second, V2);
    isRefused(world.installed(node, first, V1), ErrorCode.BUSY);
    isAuditedAndCounted(world, ErrorCode.BUSY, "stale");
    // And by the other way, too.
    node.peer.run(
        now -> node.registry.onBroadcast(now, world.nodes.get(0).peer.ref(), first.encoded()));
    world.run(Duration.ofSeconds(5));
    assertThat(world.running("counter/1", 2)).isEqualTo(4);
  }

  @Test
  void aTamperedChunkIsRefusedAndFetchedElsewhere() {
    World world = ring(onlyOwner());
    installed(world, edition(V1, "1"));
    world.nodes.subList(0, 3).forEach(node -> node.archives.tampers = true);
    Node joiner = world.add("joiner");
    joiner.joined = true;
    world.views();
    world.run(Duration.ofSeconds(10));
    world.simulation.runUntil(() -> joiner.runs("counter/1") == 1, Duration.ofSeconds(60));
    assertThat(joiner.runs("counter/1")).isEqualTo(1);
    assertThat(joiner.archives.archives.get(V1.hash())).isEqualTo(V1.content());
    long counted = joiner.transfer.statistics().badChunks();
    assertThat(counted).isPositive();
    assertThat(joiner.audit)
        .filteredOn(entry -> entry.refused().equals(Optional.of(ErrorCode.BAD_ARCHIVE)))
        .hasSize((int) counted)
        .allSatisfy(entry -> assertThat(entry.archive()).isEqualTo(V1.hash()));
  }

  @Test
  void anUpgradeByANonOwnerIsRefusedHoweverHighItsEpoch() {
    World world = ring(new TrustPolicy.Any());
    installed(world, edition(V1, "1"));
    Node node = world.nodes.get(3);
    ServiceRecord theirs =
        ServiceRecord.first(OTHER, "counter", "1", edition(V2, "2"), world.wall());
    for (int i = 0; i < 5; i++) {
      theirs = theirs.next(OTHER, edition(V2, "2"), world.wall() + i);
    }
    isRefused(world.installed(node, theirs, V2), ErrorCode.UNAUTHORISED);
    isAuditedAndCounted(world, ErrorCode.UNAUTHORISED, "owner");
    // Spread behind the back of the installs it does not win the name either.
    ServiceRecord stranger = theirs;
    node.archives.put(V2);
    node.peer.run(now -> node.registry.publish(now, stranger));
    world.run(Duration.ofSeconds(20));
    assertThat(world.running("counter/1", 1)).isEqualTo(4);
    assertThat(world.running("counter@" + OTHER.fingerprint() + "/1", 6)).isEqualTo(4);
  }

  @Test
  void aForgedUpgradeIsRefused() {
    World world = ring(onlyOwner());
    ServiceRecord first = installed(world, edition(V1, "1"));
    byte[] bytes = first.next(OWNER, edition(V2, "2"), world.wall()).encoded();
    bytes[bytes.length - 1] ^= 1;
    Node node = world.nodes.get(1);
    isRefused(world.installed(node, ServiceRecord.decode(bytes), V2), ErrorCode.BAD_SIGNATURE);
    isAuditedAndCounted(world, ErrorCode.BAD_SIGNATURE, "signature");
    assertThat(world.running("counter/1", 1)).isEqualTo(4);
  }

  @Test
  void aRecordOfAnotherFormatIsAnsweredWithVersionSkew() {
    World world = ring(onlyOwner());
    Node node = world.nodes.get(1);
    byte[] bytes = world.sign(node, OWNER, "counter", edition(V1, "1")).encoded();
    bytes[4] = 1;
    List<Optional<ErrorCode>> answers = new ArrayList<>();
    node.peer.run(
        now -> answers.add(node.registry.onBroadcast(now, world.nodes.get(0).peer.ref(), bytes)));
    world.run(Duration.ofSeconds(1));
    assertThat(answers).containsExactly(Optional.of(ErrorCode.VERSION_SKEW));
    assertThat(node.registry.statistics().refused()).containsEntry("format", 1L);
  }

  @Test
  void whatCannotBePutToUseIsAuditedOnceForEachReason() {
    World world = ring(onlyOwner());
    ServiceRecord first = installed(world, edition(V1, "1"));
    Node odd = world.nodes.get(2);
    // One that is tried again and again, then one that is given up.
    for (ErrorCode code : List.of(ErrorCode.BUSY, ErrorCode.MIGRATION_FAILED)) {
      odd.deployment.failing.put(V2.hash(), code);
      ServiceRecord next = first.next(OWNER, edition(V2, code.name()), world.wall());
      first = next;
      Node node = world.nodes.get(0);
      node.archives.put(V2);
      node.peer.run(now -> node.registry.publish(now, next));
      world.run(Duration.ofSeconds(30));
      assertThat(odd.audit)
          .filteredOn(
              line ->
                  line.what() == AuditEntry.What.FAILURE
                      && line.refused().equals(Optional.of(code)))
          .hasSize(1)
          .allSatisfy(line -> assertThat(line.version()).isEqualTo(code.name()));
    }
    assertThat(world.nodes.get(1).audit).noneMatch(line -> line.what() == AuditEntry.What.FAILURE);
  }

  @Test
  void anUpgradeOfASealedServiceIsRefused() {
    World world = ring(onlyOwner());
    installed(world, Edition.of(V1, "1", false, true));
    Node node = world.nodes.get(1);
    // The owner's own tools refuse to sign it, so it is made from another first record.
    ServiceRecord open = ServiceRecord.first(OWNER, "counter", "1", edition(V1, "1"), world.wall());
    ServiceRecord next = open.next(OWNER, edition(V2, "2"), world.wall());
    isRefused(world.installed(node, next, V2), ErrorCode.NOT_UPGRADEABLE);
    isAuditedAndCounted(world, ErrorCode.NOT_UPGRADEABLE, "sealed");
    assertThat(world.running("counter/1", 1)).isEqualTo(4);
  }

  @Test
  void aRevocationConvergesInWhateverOrderTheRecordsArrive() {
    for (boolean revocationFirst : new boolean[] {true, false}) {
      World world = ring(onlyOwner());
      ServiceRecord first = installed(world, edition(V1, "1"));
      ServiceTicket ticket =
          ServiceTicket.issue(
              OWNER,
              "counter",
              "1",
              0,
              Set.of(Power.UPGRADE),
              Instant.ofEpochMilli(world.wall()).plusSeconds(600));
      ServiceRecord byTicket =
          first
              .next(ticket.signer(), edition(V2, "2"), Plan.AT_ONCE, world.wall())
              .next(ticket.signer(), edition(V2, "2"), Plan.AT_ONCE, world.wall());
      ServiceRecord revoked = first.revoking(OWNER, world.wall());
      Node node = world.nodes.get(0);
      node.archives.put(V2);
      node.peer.run(now -> node.registry.publish(now, revocationFirst ? revoked : byTicket));
      world.run(Duration.ofSeconds(5));
      node.peer.run(now -> node.registry.publish(now, revocationFirst ? byTicket : revoked));
      world.run(Duration.ofSeconds(5));
      for (Node each : world.nodes) {
        assertThat(each.registry.current("counter", "1")).contains(revoked);
        assertThat(each.deployment.running.get("counter/1").archive()).isEqualTo(V1.hash());
        assertThat(each.audit)
            .anySatisfy(e -> assertThat(e.what()).isEqualTo(AuditEntry.What.REVOKE));
      }
    }
  }

  private static ServiceTicket ticket(World world, int seconds) {
    return ServiceTicket.issue(
        OWNER,
        "counter",
        "1",
        0,
        Set.of(Power.UPGRADE),
        Instant.ofEpochMilli(world.wall()).plusSeconds(seconds));
  }

  @Test
  void aTicketThatHasExpiredInstallsNothingWhateverTimeItsHolderWritesIntoTheRecord() {
    World world = ring(onlyOwner());
    ServiceRecord first = installed(world, edition(V1, "1"));
    ServiceTicket ticket = ticket(world, 600);
    ServiceRecord signed =
        first.next(ticket.signer(), edition(V2, "2"), Plan.AT_ONCE, world.wall());
    world.run(Duration.ofMinutes(12));
    assertThat(signed.signatureValid()).as("by its own word").isTrue();
    isRefused(world.installed(world.nodes.get(1), signed, V2), ErrorCode.UNAUTHORISED);
    isAuditedAndCounted(world, ErrorCode.UNAUTHORISED, "expired");
    assertThat(world.running("counter/1", 1)).isEqualTo(4);
  }

  @Test
  void aTicketDoesNotChangeSinceWhenItsOwnerHasTheName() {
    World world = ring(onlyOwner());
    ServiceRecord first = installed(world, edition(V1, "1"));
    ServiceTicket ticket = ticket(world, 600);
    ServiceRecord honest =
        first.next(ticket.signer(), edition(V2, "2"), Plan.AT_ONCE, world.wall());
    byte[] bytes = honest.encoded();
    int claim = 4 + 1 + 2 + "counter".length() + 2 + "1".length() + 4 + 8 + 8;
    assertThat(ByteBuffer.wrap(bytes).getLong(claim)).isEqualTo(first.hlc());
    ByteBuffer.wrap(bytes).putLong(claim, honest.hlc());
    byte[] part = Arrays.copyOf(bytes, bytes.length - 64);
    System.arraycopy(ticket.signer().key().sign(part), 0, bytes, part.length, 64);
    ServiceRecord late = ServiceRecord.decode(bytes);
    assertThat(late.signatureValid()).isTrue();
    isRefused(world.installed(world.nodes.get(1), late, V2), ErrorCode.UNAUTHORISED);
    isAuditedAndCounted(world, ErrorCode.UNAUTHORISED, "claim");
    assertThat(world.installed(world.nodes.get(1), honest, V2)).isInstanceOf(Result.Value.class);
  }
}
