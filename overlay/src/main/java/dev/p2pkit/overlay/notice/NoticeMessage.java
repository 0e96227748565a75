// What two peers say to each other to know the same notices.
package dev.p2pkit.overlay.notice;

import dev.p2pkit.overlay.machine.WireMessage;
import java.util.List;

/**
 * A message about notices. Each kind has classes of its own for them, as links find the frame of a
 * message by its class.
 */
public interface NoticeMessage extends WireMessage {
  /** "This is the digest of what I know." */
  interface Offer extends NoticeMessage {
    /** By which two peers see whether they know the same. */
    long digest();
  }

  /** Notices that the receiver may not know. */
  interface Notices<N extends Notice> extends NoticeMessage {
    /** Whether the sender wants the receiver's in return. */
    boolean more();

    /** The notices, none of which is verified. */
    List<N> notices();
  }
}
