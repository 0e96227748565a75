// Where a joining peer knocks.
package dev.p2pkit.overlay.peer;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.sdk.PeerId;
import java.util.Optional;

/**
 * A peer through which others join.
 *
 * @param endpoint where it listens
 * @param expected who must answer there; empty if that does not matter
 */
public record EntryPoint(Endpoint endpoint, Optional<PeerId> expected) {

  /**
   * Reads {@code host:port} or {@code host:port#peerid}.
   *
   * @throws IllegalArgumentException if the text is anything else
   */
  public static EntryPoint parse(String text) {
    int hash = text.indexOf('#');
    return hash < 0
        ? new EntryPoint(Endpoint.parse(text), Optional.empty())
        : new EntryPoint(
            Endpoint.parse(text.substring(0, hash)),
            Optional.of(PeerId.parse(text.substring(hash + 1))));
  }

  /** What {@link #parse} reads. */
  @Override
  public String toString() {
    return endpoint + expected.map(id -> "#" + id).orElse("");
  }
}
