// p2pkit bans: who is banned, as a peer of this machine knows it.
package dev.p2pkit.peer.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.p2pkit.overlay.ban.BanNotice;
import dev.p2pkit.peer.bans.BanFile;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.peer.cli.output.Table;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Reads the bans that a peer keeps in its data directory; the peer need not run. */
@Command(
    name = "bans",
    description = "Lists who is banned, as the peer of a data directory knows it.")
final class BansCommand extends KitCommand {
  @Option(
      names = "--data-dir",
      required = true,
      paramLabel = "DIR",
      description = "The data directory of a peer of this machine; it need not run.")
  Path dataDirectory = Path.of(".");

  @Option(names = "--all", description = "Shows lifted bans, too.")
  boolean all;

  @Override
  public Integer call() {
    if (!Files.isDirectory(dataDirectory)) {
      throw usage("there is no directory " + dataDirectory + "; name the data directory of a peer");
    }
    List<BanNotice> notices =
        new BanFile(dataDirectory).load().stream().filter(n -> all || !n.lifted()).toList();
    if (json) {
      ArrayNode array = Output.array();
      for (BanNotice notice : notices) {
        array.add(
            Output.object()
                .put("peer", notice.peer().toString())
                .put("banned", !notice.lifted())
                .put("since", notice.issued().toString())
                .put("by", notice.signedBy())
                .put("reason", notice.reason()));
      }
      output().json(Output.object().set("bans", array));
      return Main.DONE;
    }
    if (notices.isEmpty()) {
      output().line("nobody is banned");
      return Main.DONE;
    }
    Table table = new Table("PEER", "STATE", "SINCE", "BY", "REASON");
    for (BanNotice notice : notices) {
      table.row(
          notice.peer().toString(),
          notice.lifted() ? "lifted" : "banned",
          notice.issued().toString(),
          notice.signedBy(),
          notice.reason());
    }
    table.print(output());
    return Main.DONE;
  }
}
