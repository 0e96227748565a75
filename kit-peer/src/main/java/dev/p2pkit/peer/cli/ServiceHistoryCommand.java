// p2pkit service history: what a service was, and by whose signature.
package dev.p2pkit.peer.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.p2pkit.client.Client;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.peer.cli.output.Table;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.Revision;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists the last records of a service. */
@Command(
    name = "history",
    description = "Lists the last records of a service that the ticket's peer has seen.")
final class ServiceHistoryCommand extends ClientCommand {
  @Parameters(paramLabel = "NAME", description = "The service's name.")
  String name = "";

  @Option(
      names = "--instance",
      paramLabel = "NAME",
      description = "Which instance of the service; \"1\" by default.")
  String instance = "1";

  private @Nullable InstallOptions options;

  @Override
  void check() {
    try {
      options = InstallOptions.named(name).instance(instance);
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
  }

  @Override
  int call(Client client) {
    List<Revision> revisions =
        await(await(client.service(name)).control(Objects.requireNonNull(options)).history());
    if (json) {
      ArrayNode array = Output.array();
      for (Revision each : revisions) {
        array
            .addObject()
            .put("epoch", each.epoch())
            .put("what", each.what())
            .put("version", each.version())
            .put("archive", each.archive())
            .put("signedAt", each.signedAt().toString())
            .put("signer", each.signer())
            .put("hash", each.hash())
            .put("inForce", each.inForce())
            .put("forked", each.forked());
      }
      output().json(Output.object().set("revisions", array));
      return Main.DONE;
    }
    Table table = new Table("EPOCH", "WHAT", "VERSION", "ARCHIVE", "SIGNED AT", "SIGNER", "");
    for (Revision each : revisions) {
      table.row(
          Long.toString(each.epoch()),
          each.what(),
          each.version(),
          ServiceView.shortHash(each.archive()),
          each.signedAt().toString(),
          each.signer(),
          each.inForce() ? "in force" : each.forked() ? "lost to another of its epoch" : "");
    }
    table.print(output());
    return Main.DONE;
  }
}
