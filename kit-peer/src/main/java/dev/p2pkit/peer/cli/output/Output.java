// Where a command prints: results on one stream, everything else on the other.
package dev.p2pkit.peer.cli.output;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.p2pkit.sdk.KitException;
import java.io.PrintWriter;

/**
 * The two streams of a command. Results go to {@code out}, progress and errors to {@code err}, so
 * that {@code --json} output can be piped. Every line is flushed at once.
 *
 * @param out results
 * @param err progress and errors
 */
public record Output(PrintWriter out, PrintWriter err) {
  /** Prints a result. */
  public void line(String text) {
    out.println(text);
    out.flush();
  }

  /** Prints a result as one line of JSON. */
  public void json(JsonNode value) {
    line(value.toString());
  }

  /** Prints something that is not a result. */
  public void note(String text) {
    err.println(text);
    err.flush();
  }

  /** Prints a failure as {@code CODE: sentence}. */
  public void failure(KitException failure) {
    note(failure.code() + ": " + failure.detail());
  }

  /** An empty object to fill. */
  public static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** An empty array to fill. */
  public static ArrayNode array() {
    return JsonNodeFactory.instance.arrayNode();
  }
}
