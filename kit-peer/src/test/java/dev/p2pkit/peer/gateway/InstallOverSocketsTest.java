// A client installs and upgrades services over real links, and hands the right on.
package dev.p2pkit.peer.gateway;

import static dev.p2pkit.peer.gateway.ClientRig.archive;
import static dev.p2pkit.peer.gateway.ClientRig.code;
import static dev.p2pkit.peer.gateway.ClientRig.join;
import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.client.Client;
import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.ServiceControl;
import dev.p2pkit.sdk.ServiceHandle;
import dev.p2pkit.sdk.ServiceRight;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class InstallOverSocketsTest {
  private static final Duration HOUR = Duration.ofHours(1);

  @RegisterExtension final ClientRig rig = new ClientRig();
  @TempDir Path directory;

  private InstallOptions named(String name) {
    return InstallOptions.named(name).ownerKey(directory.resolve("owner.key"));
  }

  @Test
  void installsAndUpgradesWithARecordThatTheClientSigns() throws IOException {
    GatewayHost host = rig.host();
    host.network.receivers.put("counter", ClientRig::echo);
    Client client = rig.client(host.ticket());
    Archive first = archive("1.0", 3_000_000);
    ServiceHandle handle = join(client.install(first, named("counter")));
    assertThat(host.network.archives.get(first.hash()).content()).isEqualTo(first.content());
    assertThat(handle.name()).isEqualTo("counter");
    assertThat(host.network.records.get("counter/1").owner())
        .isEqualTo(OwnerKey.loadOrCreate(directory.resolve("owner.key")).publicHex());
    assertThat(join(handle.hash("alice").rpc("x", String.class))).isEqualTo("x");

    Archive second = archive("2.0", 10);
    assertThat(join(handle.update(second, named("ignored"))).epoch()).isEqualTo(2);
    assertThat(join(handle.status()).version()).isEqualTo("2.0");
    assertThat(join(client.service("counter")).name()).isEqualTo("counter");
    assertThat(
            code(
                handle.update(
                    archive("3.0", 10),
                    InstallOptions.DEFAULT.ownerKey(directory.resolve("another.key")))))
        .isEqualTo(ErrorCode.UNAUTHORISED);
  }

  @Test
  void aServiceTicketHandsOnTheRightToUpgrade() throws IOException {
    GatewayHost host = rig.host();
    Client owner = rig.client(host.ticket());
    join(owner.install(archive("1.0", 1), named("counter")));
    ServiceControl control = join(owner.service("counter")).control(named("counter"));
    Client other = rig.client(host.ticket());
    InstallOptions theirs = InstallOptions.DEFAULT.ownerKey(directory.resolve("theirs.key"));
    String toInvoke = join(control.ticket(Set.of(ServiceRight.INVOKE), HOUR));
    ServiceHandle use = join(other.serviceOfTicket(toInvoke));
    assertThat(code(use.update(archive("2.0", 1), theirs))).isEqualTo(ErrorCode.UNAUTHORISED);
    String toUpgrade = join(control.ticket(Set.of(ServiceRight.UPGRADE), HOUR));
    ServiceHandle upgrade = join(other.serviceOfTicket(toUpgrade));
    assertThat(join(upgrade.update(archive("2.0", 1), theirs)).epoch()).isEqualTo(2);
    assertThat(code(upgrade.control(theirs).ticket(Set.of(ServiceRight.UPGRADE), HOUR)))
        .isEqualTo(ErrorCode.UNAUTHORISED);
    assertThat(code(upgrade.control(theirs).withdraw())).isEqualTo(ErrorCode.UNAUTHORISED);

    assertThat(join(control.revoke()).epoch()).isEqualTo(3);
    assertThat(code(upgrade.update(archive("3.0", 1), theirs))).isEqualTo(ErrorCode.UNAUTHORISED);
    assertThat(code(other.serviceOfTicket(toUpgrade))).isEqualTo(ErrorCode.UNAUTHORISED);
    assertThat(
            join(other.serviceOfTicket(join(control.ticket(Set.of(ServiceRight.INVOKE), HOUR))))
                .name())
        .isEqualTo("counter");
    assertThat(code(other.serviceOfTicket("p2pkit:service:1:AAAA")))
        .isEqualTo(ErrorCode.BAD_TICKET);
  }

  @Test
  void freshNamesOfOneOwnerDiffer() throws IOException {
    GatewayHost host = rig.host();
    Client client = rig.client(host.ticket());
    InstallOptions fresh = InstallOptions.DEFAULT.ownerKey(directory.resolve("owner.key"));
    String first = join(client.install(archive("1.0", 1), fresh)).name();
    String second = join(client.install(archive("1.1", 2), fresh)).name();
    assertThat(second).isNotEqualTo(first).startsWith(first);
  }
}
