// A broadcast that this peer has seen lately.
package dev.p2pkit.overlay.broadcast;

import dev.p2pkit.sdk.ErrorCode;
import org.jspecify.annotations.Nullable;

/** A broadcast that this peer has seen lately: some 80 bytes with its place, and the content. */
final class Kept {
  final BroadcastId id;

  /** When this peer has seen it first. */
  final long at;

  /** For those who missed it; null if there is no room, or if this peer never had it. */
  @Nullable Content content;

  /** Whether it had its turn here: then it was taken or refused. */
  boolean settled;

  /** Why it was refused; null if it was not. */
  @Nullable ErrorCode refusal;

  /** It has its turn here. */
  void settle(@Nullable ErrorCode why) {
    settled = true;
    refusal = why;
  }

  Kept(BroadcastId id, long at, @Nullable Content content) {
    this.id = id;
    this.at = at;
    this.content = content;
  }
}
