// What distinguishes one kind of notices from another on the wire.
package dev.p2pkit.overlay.notice;

import java.util.List;
import java.util.function.Function;
import java.util.function.LongFunction;

/**
 * A kind of notices.
 *
 * @param frameType the first of the frame types that carry it
 * @param mostBytes the longest encoded notice
 * @param decode reads {@link Notice#encode} and verifies nothing; throws {@link
 *     dev.p2pkit.overlay.machine.WireException} if the bytes are no such notice
 * @param messages what both of its messages are, and none of another kind
 * @param offer makes the one of a digest
 * @param told makes the other
 */
public record NoticeKind<N extends Notice>(
    int frameType,
    int mostBytes,
    Function<byte[], N> decode,
    Class<? extends NoticeMessage> messages,
    LongFunction<NoticeMessage.Offer> offer,
    Told<N> told) {

  /** Makes a message of notices. */
  public interface Told<N extends Notice> {
    /** With these, and whether the receiver's are wanted in return. */
    NoticeMessage.Notices<N> of(boolean more, List<N> notices);
  }
}
