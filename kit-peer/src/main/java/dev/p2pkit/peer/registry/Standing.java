// How far this peer has come with the roll-outs of a chain: what it must still know after a
// restart.
package dev.p2pkit.peer.registry;

import java.util.Optional;

/**
 * A peer's own place in a chain.
 *
 * @param opened the archive whose wave has opened here: the peer stays with it, whatever a later
 *     record with that archive says of its waves
 * @param setback the archive that this peer has reverted; it is not put to use again here
 */
public record Standing(Optional<String> opened, Optional<Setback> setback) {
  /** Nothing has happened yet. */
  public static final Standing NEW = new Standing(Optional.empty(), Optional.empty());

  /**
   * A version that this peer has given up.
   *
   * @param archive what crashed, 64 hexadecimal digits
   * @param back the archive that runs since, 64 hexadecimal digits
   * @param why for people
   */
  public record Setback(String archive, String back, String why) {}

  /** The same, with a wave open for an archive. */
  Standing opened(String archive) {
    return new Standing(Optional.of(archive), setback);
  }

  /** The same, after a revert. */
  Standing setback(Setback what) {
    return new Standing(opened, Optional.of(what));
  }

  /** Whether the wave for an archive has opened here. */
  boolean isOpen(String archive) {
    return opened.filter(archive::equals).isPresent();
  }

  /** The setback with an archive, if this peer had one. */
  Optional<Setback> setbackOf(String archive) {
    return setback.filter(it -> it.archive().equals(archive));
  }
}
