// What an error says about the message it belongs to.
package dev.p2pkit.sdk;

/** What an {@link ErrorCode} says about whether the message was processed. */
public enum Delivery {
  /** The message was not processed and will not be; it may be sent again without risk. */
  NOT_DELIVERED,
  /** The message may have been processed. */
  UNKNOWN
}
