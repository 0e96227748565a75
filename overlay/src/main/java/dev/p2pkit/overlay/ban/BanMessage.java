// What two peers say to each other to know the same bans.
package dev.p2pkit.overlay.ban;

import dev.p2pkit.overlay.notice.NoticeMessage;
import java.util.List;

/** A message about bans. */
sealed interface BanMessage extends NoticeMessage {
  /** "This is the digest of what I know." */
  record Offer(long digest) implements BanMessage, NoticeMessage.Offer {}

  /**
   * Notices that the receiver may not know.
   *
   * @param more whether the sender wants the receiver's in return
   */
  record Notices(boolean more, List<BanNotice> notices)
      implements BanMessage, NoticeMessage.Notices<BanNotice> {}
}
