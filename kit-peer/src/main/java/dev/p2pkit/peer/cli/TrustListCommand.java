// p2pkit trust list: what the network's root says, as a peer of this machine knows it.
package dev.p2pkit.peer.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.peer.cli.output.Table;
import dev.p2pkit.peer.trust.TrustFile;
import dev.p2pkit.peer.trust.TrustNotice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Reads the notices that a peer keeps in its data directory; the peer need not run. */
@Command(
    name = "list",
    description =
        "Lists owners and names of which the network's root has spoken, as the peer of a data"
            + " directory knows it; the keys of its own --trust are not among them.")
final class TrustListCommand extends KitCommand {
  @Option(
      names = "--data-dir",
      required = true,
      paramLabel = "DIR",
      description = "The data directory of a peer of this machine; it need not run.")
  Path dataDirectory = Path.of(".");

  @Override
  public Integer call() {
    if (!Files.isDirectory(dataDirectory)) {
      throw usage("there is no directory " + dataDirectory + "; name the data directory of a peer");
    }
    List<TrustNotice> notices = new TrustFile(dataDirectory).load();
    if (json) {
      ArrayNode array = Output.array();
      notices.forEach(notice -> array.add(TrustOptions.json(notice)));
      output().json(Output.object().set("trust", array));
      return Main.DONE;
    }
    if (notices.isEmpty()) {
      output().line("the network's root has said nothing of owners and names");
      return Main.DONE;
    }
    Table table = new Table("OF", "SAYS", "UNTIL", "SINCE", "BY", "NOTE");
    for (TrustNotice notice : notices) {
      String[] cells = TrustOptions.cells(notice);
      table.row(
          cells[0],
          cells[1],
          cells[2],
          notice.issued().toString(),
          notice.signedBy(),
          notice.note());
    }
    table.print(output());
    return Main.DONE;
  }
}
