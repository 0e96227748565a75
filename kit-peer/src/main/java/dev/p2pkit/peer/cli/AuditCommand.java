// p2pkit audit: what was done to services on a peer of this machine, and what was refused.
package dev.p2pkit.peer.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.p2pkit.peer.audit.AuditLog;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.peer.cli.output.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Reads the audit that a peer keeps in its data directory; the peer need not run. */
@Command(
    name = "audit",
    description =
        "Lists what was done to services on the peer of a data directory, by whose right, and what"
            + " was refused.")
final class AuditCommand extends KitCommand {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  @Option(
      names = "--data-dir",
      required = true,
      paramLabel = "DIR",
      description = "The data directory of a peer of this machine; it need not run.")
  Path dataDirectory = Path.of(".");

  @Option(
      names = "--last",
      paramLabel = "N",
      description = "How many entries, the latest; default: 50.")
  int last = 50;

  @Override
  public Integer call() throws IOException {
    if (!Files.isDirectory(dataDirectory)) {
      throw usage("there is no directory " + dataDirectory + "; name the data directory of a peer");
    }
    if (last < 1) {
      throw usage("--last is at least 1, not " + last);
    }
    ArrayNode entries = Output.array();
    int damaged = 0;
    for (String line : AuditLog.last(dataDirectory, last)) {
      try {
        entries.add(MAPPER.readTree(line));
      } catch (JsonProcessingException e) {
        damaged++; // a peer that was killed while it wrote leaves half a line
      }
    }
    if (damaged > 0) {
      output().note(damaged + " lines cannot be read and are left out");
    }
    if (json) {
      output().json(Output.object().set("entries", entries));
      return Main.DONE;
    }
    Table table = new Table("TIME", "WHAT", "SERVICE", "EPOCH", "SIGNER", "OUTCOME", "REASON");
    for (JsonNode entry : entries) {
      table.row(
          entry.path("time").asText(),
          entry.path("what").asText(),
          entry.path("service").asText(),
          entry.path("epoch").asText(),
          entry.path("signer").asText(),
          entry.path("outcome").asText(),
          entry.path("reason").asText());
    }
    table.print(output());
    return Main.DONE;
  }
}
