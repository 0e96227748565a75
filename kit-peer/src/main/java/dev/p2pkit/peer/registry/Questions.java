// Which frames ask this peer for an answer, and how much it tells to one peer.
package dev.p2pkit.peer.registry;

import dev.p2pkit.peer.registry.RegistryMessage.Buckets;
import dev.p2pkit.peer.registry.RegistryMessage.Digest;
import dev.p2pkit.peer.registry.RegistryMessage.Health;
import dev.p2pkit.peer.registry.RegistryMessage.Inventory;
import dev.p2pkit.peer.registry.RegistryMessage.Pull;
import dev.p2pkit.peer.registry.RegistryMessage.Records;
import dev.p2pkit.peer.registry.RegistryMessage.StatusReply;
import dev.p2pkit.peer.registry.RegistryMessage.StatusRequest;
import dev.p2pkit.peer.registry.RegistryMessage.Want;
import dev.p2pkit.sdk.PeerId;
import java.util.function.LongSupplier;

/**
 * Bounds what a member can have this peer compute and send by asking. A question of a few bytes may
 * be answered with all records, or with a row for each service. What is not answered costs an
 * honest peer no more than time: comparisons come again, joiners and pulls ask others, and a status
 * leaves this peer out.
 */
final class Questions {
  /** What a peer may be told at once; then so much a second. */
  static final int KIB_AT_ONCE = 64 << 10;

  static final int KIB_PER_SECOND = 1 << 10;

  /** What the shortest answer counts: it takes time, too. */
  static final int LEAST_KIB = 16;

  private static final int ITEM_BYTES = 64;
  private static final int REPORT_BYTES = 256;
  private static final int ROW_BYTES = 512;

  private final Allowances told;
  private final Runnable unanswered;

  /**
   * Nobody has been told anything yet.
   *
   * @param unanswered called for each question that gets no answer
   */
  Questions(LongSupplier wallMillis, Runnable unanswered) {
    told = new Allowances(KIB_AT_ONCE, KIB_PER_SECOND, wallMillis);
    this.unanswered = unanswered;
  }

  /** Whether a frame asks for an answer; those of roll-outs are bounded where they are taken. */
  static boolean isOne(RegistryMessage message) {
    return message instanceof Digest
        || message instanceof Buckets
        || message instanceof Inventory
        || message instanceof Want
        || message instanceof Pull
        || message instanceof Health
        || message instanceof StatusRequest;
  }

  /** A peer has asked; false if it has been told so much that it gets no answer now. */
  boolean mayAsk(PeerId from) {
    if (told.spent(from)) {
      unanswered.run();
      return false;
    }
    told.add(from, LEAST_KIB);
    return true;
  }

  /** A peer is told something. */
  void told(PeerId to, RegistryMessage message) {
    told.add(to, bytes(message) >> 10);
  }

  /** About how long a frame is; only of those that may be long. */
  private static int bytes(RegistryMessage message) {
    if (message instanceof Records records) {
      return records.records().stream().mapToInt(record -> record.encoded().length).sum();
    }
    if (message instanceof Inventory inventory) {
      return inventory.items().size() * ITEM_BYTES;
    }
    if (message instanceof Health health) {
      return (health.known().size() + health.wanted().size()) * ITEM_BYTES
          + health.reports().size() * REPORT_BYTES;
    }
    return message instanceof StatusReply reply ? reply.rows().size() * ROW_BYTES : 0;
  }
}
