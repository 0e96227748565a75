// Where a command prints: results on one stream, everything else on the other.
package dev.p2pkit.peer.cli.output;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.p2pkit.sdk.KitException;
import java.io.PrintWriter;
import java.util.Locale;

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
    out.println(visible(text));
    out.flush();
  }

  /**
   * The same text without characters that a terminal would obey: what is printed may come from
   * another peer or a sender of messages. Line ends and tabs stay; the others are written as in
   * JSON.
   */
  static String visible(String text) {
    if (text.codePoints().noneMatch(Output::commands)) {
      return text;
    }
    StringBuilder shown = new StringBuilder();
    text.chars()
        .forEach(
            each -> {
              if (commands(each)) {
                shown.append(String.format(Locale.ROOT, "\\u%04x", each));
              } else {
                shown.append((char) each);
              }
            });
    return shown.toString();
  }

  private static boolean commands(int character) {
    return Character.isISOControl(character) && character != '\n' && character != '\t';
  }

  /** Prints a result as one line of JSON. */
  public void json(JsonNode value) {
    line(value.toString());
  }

  /** Prints something that is not a result. */
  public void note(String text) {
    err.println(visible(text));
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
