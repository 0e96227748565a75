// What all signed words of the network's root have in common.
package dev.p2pkit.overlay.notice;

import java.time.Instant;
import java.util.Optional;

/** A signed word about one subject. Of two about the same subject the later one holds. */
public interface Notice {
  /** What it is about; notices are kept in the order of their subjects. */
  String subject();

  /** When it was signed, by the signer's clock; whole milliseconds. */
  Instant issued();

  /** The first 64 bits of the SHA-256 of what was signed: by which two lists are compared. */
  long hash();

  /** Its bytes, as they travel and as {@link NoticeKind#decode} reads them. */
  byte[] encode();

  /**
   * Why this notice is not to be obeyed; empty if it is. Checks signatures, which takes about half
   * a millisecond for each.
   *
   * @param network the network it must be for
   * @param root the root's raw public key that must stand behind it
   */
  Optional<String> objection(String network, byte[] root);

  /** Whether this notice holds against another about the same subject. */
  default boolean supersedes(Notice other) {
    int order = issued().compareTo(other.issued());
    return order > 0 || (order == 0 && Long.compareUnsigned(hash(), other.hash()) > 0);
  }
}
