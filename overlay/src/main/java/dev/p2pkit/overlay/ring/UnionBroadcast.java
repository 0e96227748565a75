// Tells everybody in a ring what its union with another changes.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.broadcast.BroadcastConfig;
import dev.p2pkit.overlay.broadcast.Broadcaster;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.sdk.KitException;
import java.util.List;

/**
 * Thousands of members that come at once are told by one broadcast and not by an event for each.
 * What it misses is repaired when tables are compared.
 */
final class UnionBroadcast {
  private static final long LIFE = 10_000_000;

  /** The most news that are told at once. */
  private static final int MOST = 65_536;

  private final Broadcaster broadcaster;

  UnionBroadcast(Broadcaster broadcaster) {
    this.broadcaster = broadcaster;
  }

  /**
   * Tells everybody; called before any of these changes is made here, so that the ring as it was is
   * told.
   */
  void tell(long now, List<MemberNews> changes) {
    int most = Math.min(MOST, changes.size());
    byte[] payload = encode(changes.subList(0, most));
    while (payload.length > BroadcastConfig.MAX_PAYLOAD) {
      most /= 2;
      payload = encode(changes.subList(0, most));
    }
    try {
      broadcaster.broadcast(now, RingMachine.TOPIC_UNION, payload, now + LIFE, report -> {});
    } catch (KitException tooMany) {
      // The comparison of tables spreads it, only more slowly.
    }
  }

  private static byte[] encode(List<MemberNews> changes) {
    WireWriter out = new WireWriter(64 + 32 * changes.size());
    RingFields.news(out, changes);
    return out.toBytes();
  }

  static List<MemberNews> decode(byte[] payload) {
    return RingFields.news(new WireReader(payload), MOST);
  }
}
