// Every way in which an operation can fail, with what that means for the message.
package dev.p2pkit.sdk;

import static dev.p2pkit.sdk.Delivery.NOT_DELIVERED;
import static dev.p2pkit.sdk.Delivery.UNKNOWN;

/**
 * Why an operation failed. Each code says what became of the message and whether the same call may
 * succeed later.
 */
public enum ErrorCode {
  /** No live peer has the id that was named. */
  NO_SUCH_PEER(NOT_DELIVERED, false),
  /** The peer is known, but no path to it could be opened. */
  NO_ROUTE(NOT_DELIVERED, true),
  /** The deadline passed before anything left this peer. */
  TIMEOUT(NOT_DELIVERED, true),
  /** The message left this peer, but whether it was processed is not known. */
  DELIVERY_UNKNOWN(UNKNOWN, false),
  /** No service of that name is installed. */
  NO_SUCH_SERVICE(NOT_DELIVERED, false),
  /** Nobody receives messages at that access point of the peer that was reached. */
  NO_SUCH_ACCESS_POINT(NOT_DELIVERED, false),
  /** The processor's mailbox has reached its bound in messages or bytes. */
  MAILBOX_FULL(NOT_DELIVERED, true),
  /** A table or queue on the way is full. */
  BUSY(NOT_DELIVERED, true),
  /** The peer has not finished joining or does not (yet) own the key. */
  NOT_READY(NOT_DELIVERED, true),
  /** The message is larger than a frame may be. */
  MESSAGE_TOO_LARGE(NOT_DELIVERED, false),
  /** The key, ticket or owner does not have the right to do this. */
  UNAUTHORISED(NOT_DELIVERED, false),
  /** The service was installed sealed and cannot be upgraded. */
  NOT_UPGRADEABLE(NOT_DELIVERED, false),
  /** The archive is damaged, too large, or lacks a usable descriptor or maker. */
  BAD_ARCHIVE(NOT_DELIVERED, false),
  /** A signature does not match what it signs. */
  BAD_SIGNATURE(NOT_DELIVERED, false),
  /** The ticket is garbled, forged or expired. */
  BAD_TICKET(NOT_DELIVERED, false),
  /** The two sides do not share a version of a protocol or format. */
  VERSION_SKEW(NOT_DELIVERED, false),
  /** The state could not be carried over; the old version goes on. */
  MIGRATION_FAILED(NOT_DELIVERED, false),
  /** The processor threw, or was stopped for crashing; its state is as before the message. */
  SERVICE_CRASHED(UNKNOWN, false),
  /** A limit on a resource is used up. */
  QUOTA(NOT_DELIVERED, true),
  /** The client's session has ended. */
  SESSION_EXPIRED(NOT_DELIVERED, false),
  /** A receiver did not keep up and its buffer is full. */
  SLOW_CONSUMER(NOT_DELIVERED, true),
  /** The other side belongs to another network, or did not prove that it belongs to this one. */
  NETWORK_MISMATCH(NOT_DELIVERED, false),
  /** The port is taken, or another process uses the data directory. */
  ADDRESS_IN_USE(NOT_DELIVERED, false),
  /** The caller or the service gave the operation up. */
  CANCELLED(UNKNOWN, false),
  /** This peer or client is closed. */
  CLOSED(NOT_DELIVERED, false),
  /** What came from the other side cannot be understood. */
  PROTOCOL_ERROR(NOT_DELIVERED, false);

  private final Delivery delivery;
  private final boolean retryable;

  ErrorCode(Delivery delivery, boolean retryable) {
    this.delivery = delivery;
    this.retryable = retryable;
  }

  /** Whether the message may have been processed. */
  public Delivery delivery() {
    return delivery;
  }

  /** Whether the very same call, made a little later, may succeed without double processing. */
  public boolean retryable() {
    return retryable;
  }
}
