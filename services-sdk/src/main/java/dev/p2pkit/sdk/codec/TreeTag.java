// The tags of the TREE format.
package dev.p2pkit.sdk.codec;

/** The first byte of each TREE value; the layout stands in {@code docs/formats.md}. */
final class TreeTag {
  static final int NULL = 0;
  static final int FALSE = 1;
  static final int TRUE = 2;
  static final int INTEGER = 3;
  static final int DOUBLE = 4;
  static final int STRING = 5;
  static final int BYTES = 6;
  static final int LIST = 7;
  static final int MAP = 8;
  static final int INSTANT = 9;

  private TreeTag() {}
}
