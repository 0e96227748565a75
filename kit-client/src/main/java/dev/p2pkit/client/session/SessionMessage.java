// What a client and its proxy peer say to each other.
package dev.p2pkit.client.session;

import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.PeerId;
import java.util.Optional;

/**
 * The messages of a session. A request has an id that is never 0 and is unique within the session;
 * it is answered by exactly one last {@link Done} or one {@link Failed}. Byte arrays are handed
 * over, not copied: nobody changes them afterwards.
 */
public sealed interface SessionMessage extends WireMessage {

  /** Where a call goes. */
  enum TargetKind {
    /** A peer, by id. */
    PEER,
    /** The owner of a key. */
    KEY,
    /** An address that names a peer. */
    PEER_ADDRESS,
    /** An address that names a session. */
    SESSION_ADDRESS
  }

  /** What is asked for. */
  enum Question {
    /** One peer's information. */
    INFO,
    /** All peers' information. */
    RING,
    /** All services. */
    SERVICES,
    /** The instances of one service; fails if there are none. */
    SERVICE,
    /** The registry record of an instance of a service. */
    RECORD,
    /** The last registry records of an instance of a service. */
    HISTORY
  }

  /** What a subscription delivers. */
  enum Feed {
    /** The messages at an access point of the proxy peer. */
    STREAM,
    /** The proxy peer's events. */
    EVENTS,
    /** The messages for a proxy of this session; the subscription makes the proxy. */
    PROXY
  }

  /**
   * Client: the first message. A session that is resumed must still be known to the peer.
   *
   * @param version of the session protocol
   * @param resume the session to go on with, empty for a new one
   */
  record Open(int version, Optional<Resume> resume) implements SessionMessage {}

  /** A session and the secret that proves it to be one's own. */
  record Resume(Key session, Key token) {}

  /**
   * Peer: the session is open.
   *
   * @param token what {@link Resume} needs
   * @param largestBody the largest body that this peer passes on, in bytes
   */
  record Opened(Key session, Key token, PeerId peer, int largestBody) implements SessionMessage {}

  /**
   * Client: sends or calls.
   *
   * @param remainingMicros after how long the answer is worthless, in microseconds
   * @param rpc whether the receiver's reply is awaited
   * @param enqueued whether the acknowledgement may come from the mailbox
   * @param once whether the proxy peer repeats it until it is answered
   * @param version the only version of the service that may process it; empty for any
   */
  record Call(
      long id,
      long remainingMicros,
      TargetKind kind,
      Key target,
      String accessPoint,
      boolean rpc,
      boolean enqueued,
      boolean once,
      Optional<String> version,
      Payload body)
      implements SessionMessage {}

  /**
   * Client: sends to everybody.
   *
   * @param version the only version of the service that may process it; empty for any
   */
  record Spread(
      long id, long remainingMicros, String accessPoint, Optional<String> version, Payload body)
      implements SessionMessage {}

  /**
   * Client: asks.
   *
   * @param peer for {@link Question#INFO}
   * @param name for {@link Question#SERVICE}, {@link Question#RECORD} and {@link Question#HISTORY},
   *     else empty
   * @param instance for {@link Question#RECORD} and {@link Question#HISTORY}, else empty
   */
  record Query(
      long id, long remainingMicros, Question question, Key peer, String name, String instance)
      implements SessionMessage {}

  /**
   * Client: shows that it may call a service that answers ticket holders only. Counts for this
   * session, until the right ends.
   *
   * @param proof an encoded {@link dev.p2pkit.client.ticket.CallerProof}
   */
  @SuppressWarnings("ArrayRecordComponent") // Bytes on their way; nobody compares them.
  record Show(long id, long remainingMicros, byte[] proof) implements SessionMessage {}

  /**
   * Client: begins a subscription.
   *
   * @param subscription chosen by the client, never 0, never used again
   * @param credit how many messages may come
   */
  record Subscribe(long id, long subscription, Feed feed, String accessPoint, int credit)
      implements SessionMessage {}

  /** Both: the subscription is over; with a code if something went wrong. */
  record Ended(long subscription, Optional<ErrorCode> code, String detail)
      implements SessionMessage {}

  /**
   * Client: so many more messages may come, and everything up to this number is here.
   *
   * @param credit 0 or more
   * @param acceptedUpTo the number of the last delivery that is in the client's buffers
   */
  record Credit(long subscription, int credit, long acceptedUpTo) implements SessionMessage {}

  /**
   * Client: installs or upgrades a service; the archive follows in chunks once the peer answers
   * with {@link Progress}.
   *
   * @param signedRecord the registry record, signed by the client's owner key
   * @param hash the archive's SHA-256, 64 hexadecimal digits
   * @param size the archive's length in bytes; 0 if none follows, because the network has it
   */
  @SuppressWarnings("ArrayRecordComponent") // Bytes on their way; nobody compares them.
  record Install(long id, long remainingMicros, byte[] signedRecord, String hash, int size)
      implements SessionMessage {}

  /** Client: a part of the archive of an install. */
  @SuppressWarnings("ArrayRecordComponent") // Bytes on their way; nobody compares them.
  record Chunk(long id, int offset, byte[] content) implements SessionMessage {
    /** The largest part, in bytes. */
    public static final int MAX_BYTES = 48 << 10;
  }

  /** Peer: so much of the archive is here, go on. */
  record Progress(long id, int received) implements SessionMessage {}

  /**
   * Peer: the answer to a request, or a part of it.
   *
   * @param last whether the request is done; a long list comes in several parts
   */
  record Done(long id, boolean last, SessionResult result) implements SessionMessage {}

  /** Peer: the request failed. */
  record Failed(long id, ErrorCode code, String detail) implements SessionMessage {}

  /**
   * Peer: a message for a subscription.
   *
   * @param number 1 for the first of this subscription, one more for each
   */
  record Deliver(long subscription, long number, Message message) implements SessionMessage {}

  /**
   * Peer: an event for a subscription, or, with subscription 0, one that concerns this session and
   * costs no credit.
   */
  record Event(long subscription, long number, NetworkEvent event) implements SessionMessage {}

  /** Both: the session ends. */
  record Close(ErrorCode code, String detail) implements SessionMessage {}
}
