// What tells a message from all others, so that a second copy of it is known for one.
package dev.p2pkit.peer.service;

import dev.p2pkit.peer.store.StoreException;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.HexFormat;

/**
 * The identity of a message that is to take effect once, however often its sender repeats it.
 *
 * @param sender the peer that repeats it
 * @param process which of its processes; grows over its restarts
 * @param number grows with each such message of that process, from 1
 * @param lowestOpen every lower number of that process is answered or given up, and never comes
 *     again
 * @param after the number of the message before it to the same place, if that one is open; else 0.
 *     This one is not taken before that one was
 */
public record Once(PeerId sender, long process, long number, long lowestOpen, long after) {
  private static final int DIGITS = 16;

  /** How it is written in a state file: a sender's messages lie together, in their order. */
  String key() {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(sender.position().high())
        + hex.toHexDigits(sender.position().low())
        + hex.toHexDigits(process)
        + hex.toHexDigits(number);
  }

  static Once parse(String key) {
    if (key.length() != 4 * DIGITS) {
      throw new StoreException(StoreException.Kind.DAMAGED, "'" + key + "' names no message");
    }
    return new Once(
        new PeerId(new Key(part(key, 0), part(key, 1))), part(key, 2), part(key, 3), 0, 0);
  }

  private static long part(String key, int index) {
    return HexFormat.fromHexDigitsToLong(key, index * DIGITS, (index + 1) * DIGITS);
  }
}
