// Owners for whom the network's root vouches: with what, until when, and after it has revoked them.
package dev.p2pkit.peer.registry;

import static dev.p2pkit.peer.registry.World.OTHER;
import static dev.p2pkit.peer.registry.World.OWNER;
import static dev.p2pkit.peer.registry.World.archive;
import static dev.p2pkit.peer.registry.World.edition;
import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.peer.audit.AuditEntry;
import dev.p2pkit.peer.registry.World.Node;
import dev.p2pkit.peer.registry.timing.Result;
import dev.p2pkit.peer.trust.OwnerGrant.Right;
import dev.p2pkit.peer.trust.TrustNotice;
import dev.p2pkit.peer.trust.TrustRules;
import dev.p2pkit.peer.trust.Words;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.UpdateReport;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OwnerTrustTest {
  private static final Archive V1 = archive(1, 10_000);
  private static final Archive V2 = archive(2, 10_000);
  private static final String SERVICE = "counter/1";

  private final Words words = new Words(World.WALL_START);
  private final World world = new World(63);

  /** Peers whose operators list OTHER and nobody else. */
  private World ring() {
    world.trust = new TrustPolicy.Trusted(Set.of(OTHER.publicHex()));
    return world.ring(4);
  }

  private void govern(TrustNotice... notices) {
    TrustRules rules = TrustRules.of(List.of(notices));
    world.nodes.forEach(node -> node.peer.run(now -> node.registry.govern(now, rules)));
    world.run(Duration.ofSeconds(5));
  }

  private Result<UpdateReport> install(String version, Archive archive) {
    Node node = world.nodes.get(1);
    return world.installed(
        node, world.sign(node, OWNER, "counter", edition(archive, version)), archive);
  }

  private void isRefused(Result<UpdateReport> result, String fix) {
    assertThat(result).isInstanceOf(Result.Failure.class);
    Result.Failure<UpdateReport> failure = (Result.Failure<UpdateReport>) result;
    assertThat(failure.code()).isEqualTo(ErrorCode.UNAUTHORISED);
    assertThat(failure.detail()).contains(fix).contains("p2pkit trust owner");
    assertThat(world.nodes)
        .anySatisfy(
            node -> {
              assertThat(node.registry.statistics().refused()).containsKey("untrusted");
              assertThat(node.audit)
                  .anySatisfy(
                      line -> {
                        assertThat(line.what()).isEqualTo(AuditEntry.What.REFUSAL);
                        assertThat(line.refused()).contains(ErrorCode.UNAUTHORISED);
                        assertThat(line.reason()).contains(fix);
                      });
            });
  }

  private Instant in(Duration time) {
    return Instant.ofEpochMilli(world.wall()).plus(time);
  }

  @Test
  void theServicesOfACertifiedOwnerRun() {
    ring();
    isRefused(install("1", V1), "--trust " + OWNER.publicHex());
    govern(words.owner(OWNER));
    assertThat(install("1", V1)).isInstanceOf(Result.Value.class);
    assertThat(install("2", V2)).isInstanceOf(Result.Value.class);
    assertThat(world.running(SERVICE, 2)).isEqualTo(4);
  }

  @Test
  void whatWasKnownAndNotRunRunsWhenItsOwnerIsTrusted() {
    ring();
    Node node = world.nodes.get(0);
    ServiceRecord record = world.sign(node, OWNER, "counter", edition(V1, "1"));
    node.archives.put(V1);
    node.peer.run(now -> node.registry.publish(now, record));
    world.run(Duration.ofSeconds(10));
    assertThat(world.running(SERVICE, 1)).isZero();
    govern(words.owner(OWNER));
    assertThat(world.running(SERVICE, 1)).isEqualTo(4);
    assertThat(world.nodes)
        .allSatisfy(
            each ->
                assertThat(each.audit)
                    .anySatisfy(
                        line -> {
                          assertThat(line.what()).isEqualTo(AuditEntry.What.TRUST);
                          assertThat(line.refused()).isEmpty();
                        }));
  }

  @Test
  void afterTheEndNothingNewIsTakenAndWhatRunsGoesOnForJoinersToo() {
    ring();
    TrustNotice word = words.owner(OWNER, in(Duration.ofSeconds(60)), EnumSet.allOf(Right.class));
    govern(word);
    assertThat(install("1", V1)).isInstanceOf(Result.Value.class);
    world.run(Duration.ofSeconds(70));
    isRefused(install("2", V2), "was trusted until");
    Node joiner = world.add("joiner");
    joiner.joined = true;
    world.views();
    govern(word);
    assertThat(world.running(SERVICE, 1)).isEqualTo(5);
    govern(word, words.owner(OWNER));
    assertThat(install("2", V2)).isInstanceOf(Result.Value.class);
    assertThat(world.running(SERVICE, 2)).isEqualTo(5);
  }

  @Test
  void aRevokedOwnerIsStoppedWithItsStateKeptAndComesBack() {
    ring();
    TrustNotice word = words.owner(OWNER);
    govern(word);
    install("1", V1);
    TrustNotice revoked = words.revoked(OWNER);
    govern(revoked, word);
    assertThat(world.running(SERVICE, 1)).isZero();
    for (Node node : world.nodes) {
      assertThat(node.deployment.suspended).contains(SERVICE);
      assertThat(node.audit)
          .anySatisfy(
              line -> {
                assertThat(line.what()).isEqualTo(AuditEntry.What.TRUST);
                assertThat(line.refused()).contains(ErrorCode.UNAUTHORISED);
                assertThat(line.reason()).contains("revoked");
              });
    }
    isRefused(install("2", V2), "has revoked it");
    govern(revoked, word, words.owner(OWNER));
    assertThat(world.running(SERVICE, 1)).isEqualTo(4);
  }

  @Test
  void aRevocationHoldsAgainstThePeersOwnList() {
    ring();
    Node node = world.nodes.get(0);
    ServiceRecord listed = world.sign(node, OTHER, "counter", edition(V1, "1"));
    assertThat(world.installed(node, listed, V1)).isInstanceOf(Result.Value.class);
    govern(words.revoked(OTHER));
    assertThat(world.running(SERVICE, 1)).isZero();
  }

  @Test
  void anOwnerIsTrustedWithItsNamesAndRights() {
    ring();
    govern(words.owner(OWNER, "acme.*"));
    isRefused(install("1", V1), "with the names acme.*, not with counter");
    govern(words.owner(OWNER, in(Duration.ofDays(1)), Set.of(Right.UPGRADE)));
    isRefused(install("1", V1), "not to install");
    govern(words.owner(OWNER, in(Duration.ofDays(1)), Set.of(Right.INSTALL)));
    assertThat(install("1", V1)).isInstanceOf(Result.Value.class);
    isRefused(install("2", V2), "not to upgrade");
    assertThat(world.running(SERVICE, 1)).isEqualTo(4);
    // An epoch that begins nowhere is no way around the right to install.
    Node node = world.nodes.get(1);
    govern(words.owner(OWNER, in(Duration.ofDays(1)), Set.of(Right.UPGRADE)));
    ServiceRecord second =
        ServiceRecord.first(OWNER, "other", "1", edition(V1, "1"), world.wall())
            .next(OWNER, edition(V2, "2"), world.wall());
    isRefused(world.installed(node, second, V2), "not to install");
    // What runs is not stopped by a word that gives less.
    assertThat(world.running(SERVICE, 1)).isEqualTo(4);
  }
}
