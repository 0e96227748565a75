// The peer of this machine that a command asks, which the data directory names.
package dev.p2pkit.peer.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** An option, and the question to the peer that it names. */
final class RunningPeer {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  @Option(
      names = "--data-dir",
      required = true,
      paramLabel = "DIR",
      description = "The data directory of a running peer of this machine.")
  Path dataDirectory = Path.of(".");

  /** Its answer to a request of the control socket; fails like {@link ControlSocket#ask}. */
  JsonNode ask(String request) throws JsonProcessingException {
    return MAPPER.readTree(ControlSocket.ask(dataDirectory, request));
  }
}
