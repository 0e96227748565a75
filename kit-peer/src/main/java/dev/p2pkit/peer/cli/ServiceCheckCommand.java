// p2pkit service check: what would become of an archive, before it is installed.
package dev.p2pkit.peer.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.peer.cli.output.TemporaryDirectory;
import dev.p2pkit.peer.service.ArchiveCheck;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Checks an archive, alone or as an upgrade; needs no network. */
@Command(
    name = "check",
    description = {
      "Checks an archive before it is installed; with two, whether the second upgrades the first.",
      "It runs code of the archives: their makers, initial states and steps between schemas.",
      "Exit code 1 if it would not be installed or not upgrade."
    })
final class ServiceCheckCommand extends KitCommand {
  @Parameters(
      arity = "1..2",
      paramLabel = "JAR",
      description = "The archive; or the old one and the new one.")
  List<Path> jars = List.of();

  @Override
  public Integer call() {
    Path next = jars.get(jars.size() - 1);
    Optional<Path> old = jars.size() == 2 ? Optional.of(jars.get(0)) : Optional.empty();
    ArchiveCheck.Findings found;
    try {
      TemporaryDirectory place = TemporaryDirectory.make("p2pkit-check");
      try {
        found = ArchiveCheck.check(old, next, place.path());
      } finally {
        place.remove();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("no temporary directory: " + e.getMessage(), e);
    }
    if (json) {
      output().json(json(found));
    } else {
      print(found);
    }
    return found.good() ? Main.DONE : Main.FAILED;
  }

  private static ObjectNode json(ArchiveCheck.Findings found) {
    ObjectNode all = Output.object();
    all.put("good", found.good());
    all.put("name", found.name());
    all.put("version", found.version());
    all.put("schema", found.schema());
    all.put("bytes", found.bytes());
    all.put("stateBytes", found.stateBytes());
    all.put("state", found.state());
    all.put("back", found.back());
    found.stateChanges().forEach(all.putObject("stateChanges")::put);
    found.messageChanges().forEach(all.putObject("messageChanges")::put);
    ArrayNode incompatible = all.putArray("incompatible");
    found.incompatible().forEach(incompatible::add);
    ArrayNode warnings = all.putArray("warnings");
    found.warnings().forEach(warnings::add);
    ArrayNode problems = all.putArray("problems");
    found.problems().forEach(problems::add);
    return all;
  }

  private void print(ArchiveCheck.Findings found) {
    if (!found.name().isEmpty()) {
      output()
          .line(
              found.name()
                  + " "
                  + found.version()
                  + ", schema "
                  + found.schema()
                  + ", "
                  + found.bytes()
                  + " bytes, initial state "
                  + found.stateBytes()
                  + " bytes");
    }
    if (!found.state().isEmpty()) {
      output().line("state comes over: " + found.state());
      output().line("way back: " + found.back());
    }
    print("state", found.stateChanges());
    Map<String, String> messages = new TreeMap<>();
    found
        .messageChanges()
        .forEach(
            (part, change) ->
                messages.put(
                    part,
                    change
                        + (found.incompatible().contains(part)
                            ? " (incompatible: callers of the old version notice)"
                            : " (compatible)")));
    print("message", messages);
    found.warnings().forEach(warning -> output().line("warning: " + warning));
    found.problems().forEach(problem -> output().line("problem: " + problem));
    output().line(found.good() ? "good" : "it would be refused");
  }

  private void print(String what, Map<String, String> changes) {
    changes.forEach((part, change) -> output().line(what + " " + part + ": " + change));
  }
}
