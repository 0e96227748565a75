// Who has served each key of a checked world last, and with which epoch.
package dev.p2pkit.overlay.check;

import java.util.Arrays;

/** Sees that the epoch of a key grows with each new server, and never falls. */
final class Servers {
  private final int[] servers;
  private final long[] epochs;

  /** For so many keys, which nobody has served yet. */
  Servers(int keys) {
    servers = new int[keys];
    Arrays.fill(servers, -1);
    epochs = new long[keys];
  }

  /**
   * A key is served.
   *
   * @return what is wrong with that; empty if nothing is
   */
  String served(int key, int server, long epoch, String name) {
    boolean same = servers[key] == server;
    long before = epochs[key];
    servers[key] = server;
    epochs[key] = epoch;
    return (same ? epoch >= before : epoch > before)
        ? ""
        : "the epoch of key " + key + " goes from " + before + " to " + epoch + " with " + name;
  }

  void addTo(StateDigest digest) {
    for (int key = 0; key < servers.length; key++) {
      digest.add((servers[key] & 255) | (epochs[key] << 8));
    }
  }
}
