// The frames of bans.
package dev.p2pkit.overlay.ban;

import dev.p2pkit.overlay.notice.NoticeCodec;

/** Turns messages about bans into frames. */
public final class BanCodec extends NoticeCodec<BanNotice> {
  /** The frames of bans. */
  public BanCodec() {
    super(BanNotice.KIND);
  }
}
