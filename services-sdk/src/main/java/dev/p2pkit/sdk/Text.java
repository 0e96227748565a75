// How foreign text is quoted in an error message: short and on one line.
package dev.p2pkit.sdk;

/** Quotes text from outside for an error message. */
final class Text {
  private static final int SHOWN = 64;

  private Text() {}

  /** At most 64 characters, control characters replaced. */
  static String shorten(String text) {
    String cut = text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
    return cut.replaceAll("\\p{Cntrl}", "?");
  }
}
