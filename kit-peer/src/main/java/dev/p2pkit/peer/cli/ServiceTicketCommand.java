// p2pkit service ticket: hands on rights to a service.
package dev.p2pkit.peer.cli;

import dev.p2pkit.client.Client;
import dev.p2pkit.client.ticket.ServiceTicket;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.ServiceRight;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Issues service tickets. */
@Command(
    name = "ticket",
    description = {
      "Issues a service ticket, signed with the owner's key: a secret line for somebody who may call"
          + " or upgrade the service.",
      "'service revoke' ends all of them."
    },
    subcommands = ServiceTicketNarrowCommand.class)
final class ServiceTicketCommand extends ClientCommand {
  @Parameters(arity = "0..1", paramLabel = "NAME", description = "The service's name.")
  String name = "";

  @Mixin OwnerOptions owner = new OwnerOptions();
  @Mixin RightOptions rights = new RightOptions();

  private @Nullable InstallOptions options;
  private Set<ServiceRight> wanted = EnumSet.noneOf(ServiceRight.class);

  @Override
  void check() {
    if (name.isEmpty()) {
      throw usage("'service ticket' is followed by a service's name, or by narrow TICKET");
    }
    try {
      options = owner.options(name);
      wanted = rights.rights();
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
  }

  @Override
  int call(Client client) {
    String text =
        await(
            await(client.service(name))
                .control(Objects.requireNonNull(options))
                .ticket(wanted, rights.validity));
    ServiceTicketView.print(ServiceTicket.parse(text), json, output());
    return Main.DONE;
  }
}
