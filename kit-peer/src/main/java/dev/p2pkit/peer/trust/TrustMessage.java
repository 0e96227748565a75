// What two peers say to each other to know the same of trust.
package dev.p2pkit.peer.trust;

import dev.p2pkit.overlay.notice.NoticeMessage;
import java.util.List;

/** A message about notices of trust. */
sealed interface TrustMessage extends NoticeMessage {
  /** "This is the digest of what I know." */
  record Offer(long digest) implements TrustMessage, NoticeMessage.Offer {}

  /**
   * Notices that the receiver may not know.
   *
   * @param more whether the sender wants the receiver's in return
   */
  record Notices(boolean more, List<TrustNotice> notices)
      implements TrustMessage, NoticeMessage.Notices<TrustNotice> {}
}
