// A name of services, or all names that begin alike.
package dev.p2pkit.peer.trust;

import java.util.regex.Pattern;

/**
 * A whole name ({@code acme.counter}), a beginning followed by an asterisk ({@code acme.*}), or an
 * asterisk alone for all names.
 *
 * @param text 1 to 128 characters
 */
public record NamePattern(String text) implements Comparable<NamePattern> {
  /** The longest, in characters. */
  public static final int MOST = 128;

  private static final Pattern FORM =
      Pattern.compile("\\*|[A-Za-z0-9][A-Za-z0-9._@-]{0,126}[A-Za-z0-9._@*-]?");

  /**
   * Checks the form.
   *
   * @throws IllegalArgumentException if it is no name and no beginning of one
   */
  public NamePattern {
    if (!FORM.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "'"
              + text
              + "' is no pattern of names; write a name, as acme.counter, or its beginning and an"
              + " asterisk, as acme.*");
    }
  }

  /** Whether it is for all names with a beginning. */
  public boolean isPrefix() {
    return text.endsWith("*");
  }

  /** What all names have that it is for. */
  String beginning() {
    return isPrefix() ? text.substring(0, text.length() - 1) : text;
  }

  /** Whether it is for a name. */
  public boolean covers(String name) {
    return isPrefix() ? name.startsWith(beginning()) : name.equals(text);
  }

  /**
   * The narrower pattern is first: a name before its beginnings, a long beginning before a short
   * one. Of the patterns that cover a name no two are equal in this order.
   */
  @Override
  public int compareTo(NamePattern other) {
    if (isPrefix() != other.isPrefix()) {
      return isPrefix() ? 1 : -1;
    }
    int longer = Integer.compare(other.text.length(), text.length());
    return longer != 0 ? longer : text.compareTo(other.text);
  }

  @Override
  public String toString() {
    return text;
  }
}
