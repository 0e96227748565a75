// When a message counts as acknowledged.
package dev.p2pkit.sdk;

/** When a send is acknowledged. */
public enum Ack {
  /**
   * After the processor's turn has ended and, where the service is durable, the result is stored.
   */
  PROCESSED,
  /** As soon as the message is in the receiver's mailbox. */
  ENQUEUED
}
