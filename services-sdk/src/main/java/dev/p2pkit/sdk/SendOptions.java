// How long a message may live and when it counts as acknowledged.
package dev.p2pkit.sdk;

import java.time.Duration;
import java.util.Optional;

/**
 * Options of a send, an rpc or a broadcast.
 *
 * @param deadline after how long the call ends at the latest; 1 ms to 10 minutes, 10 s by default
 * @param ack when a send counts as acknowledged
 * @param repeatable whether the message may be processed more than once: where it may have reached
 *     an owner that has died, it then goes to the next one instead of ending as {@link
 *     ErrorCode#DELIVERY_UNKNOWN}. A client's proxy peer does not do this for the client, and no
 *     peer does it for a message with an owner check
 * @param ownerCheck what the owner of a key must show before it gets a message by key. Where none
 *     shows it in time the call fails with {@link ErrorCode#BAD_SIGNATURE} if something wrong was
 *     shown, else with {@link ErrorCode#NOT_READY}; nothing was delivered then. A client, which
 *     trusts its proxy peer, is refused as {@link ErrorCode#UNAUTHORISED}; a message by peer needs
 *     no check, because its link proves who that peer is
 * @param effectivelyOnce whether the message is repeated until its deadline when no answer comes,
 *     and takes effect once nevertheless. Its receiver must be a service whose state is durable
 *     ({@link Durability}): it stores the answer with the state, and others refuse with {@link
 *     ErrorCode#PROTOCOL_ERROR}. The sending peer repeats while its process lives; for a client its
 *     proxy peer does. A message by key that may have reached one peer is not taken by another
 * @param version which version of the service is to process it, 1 to {@value #MAX_VERSION} visible
 *     ASCII characters; any by default. During a roll-out in waves peers run different ones: where
 *     another runs, the message ends with {@link ErrorCode#VERSION_SKEW} and was not delivered. A
 *     message for an access point without a service is not held to it
 */
public record SendOptions(
    Duration deadline,
    Ack ack,
    boolean repeatable,
    OwnerCheck ownerCheck,
    boolean effectivelyOnce,
    Optional<String> version) {
  /** How long the name of a version is at most. */
  public static final int MAX_VERSION = 64;

  // Before the options that are made with them: static fields are set in their order.
  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration LONGEST = Duration.ofMinutes(10);

  /** 10 s, acknowledged when processed. */
  public static final SendOptions DEFAULT = new SendOptions(Duration.ofSeconds(10), Ack.PROCESSED);

  /**
   * Checks what goes together.
   *
   * @throws IllegalArgumentException if the deadline is not between 1 ms and 10 minutes, {@code
   *     once()} is said with what it does not go with, or the version is no visible ASCII
   */
  public SendOptions {
    if (deadline.compareTo(SHORTEST) < 0 || deadline.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "a deadline lies between 1 ms and 10 minutes, not " + deadline);
    }
    if (effectivelyOnce && (repeatable || ack != Ack.PROCESSED || ownerCheck != OwnerCheck.NONE)) {
      throw new IllegalArgumentException(
          "once() goes with neither mayRepeat(), ack(ENQUEUED) nor check()");
    }
    if (version.filter(it -> !it.matches("[!-~]{1," + MAX_VERSION + "}")).isPresent()) {
      throw new IllegalArgumentException(
          "a version has 1 to " + MAX_VERSION + " visible ASCII characters");
    }
  }

  /** Of a message that is processed at most once. */
  public SendOptions(Duration deadline, Ack ack) {
    this(deadline, ack, false, OwnerCheck.NONE, false, Optional.empty());
  }

  /** The default with another deadline. */
  public static SendOptions within(Duration deadline) {
    return new SendOptions(deadline, DEFAULT.ack);
  }

  /** The same with another moment of acknowledgement. */
  public SendOptions ack(Ack when) {
    return new SendOptions(deadline, when, repeatable, ownerCheck, effectivelyOnce, version);
  }

  /** The same for a message that does no harm when it is processed twice. */
  public SendOptions mayRepeat() {
    return new SendOptions(deadline, ack, true, ownerCheck, effectivelyOnce, version);
  }

  /** The same for a message that only a peer gets that has shown this. */
  public SendOptions check(OwnerCheck what) {
    return new SendOptions(deadline, ack, repeatable, what, effectivelyOnce, version);
  }

  /** The same for a message that is repeated, and takes effect once. */
  public SendOptions once() {
    return new SendOptions(deadline, ack, repeatable, ownerCheck, true, version);
  }

  /** The same for a message that only this version of the service processes. */
  public SendOptions version(String only) {
    return new SendOptions(
        deadline, ack, repeatable, ownerCheck, effectivelyOnce, Optional.of(only));
  }
}
