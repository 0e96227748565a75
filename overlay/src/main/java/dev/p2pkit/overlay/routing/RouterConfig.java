// The bounds and delays of a router.
package dev.p2pkit.overlay.routing;

import java.util.function.Consumer;

/**
 * Bounds and delays of a {@link Router}. Times in microseconds.
 *
 * @param maxOpen calls of this peer that may be open at once; more are BUSY. 1 to 4,194,304
 * @param maxOpenBytes bytes of bodies in open calls; more are BUSY
 * @param maxUnanswered calls that one peer may owe an answer to this one; more are BUSY
 * @param maxUnansweredBytes bytes of bodies in them; more are BUSY, but for one message alone
 * @param maxRemembered messages of others that are remembered while they are open; more are refused
 *     as BUSY, none is forgotten early
 * @param maxRememberedBytes bytes of stored replies and of messages not yet answered; the same
 *     again for messages on their way through, and a quarter of it for those that wait for a lease
 * @param maxOrigins origins that are remembered
 * @param maxForwarding messages of others that may be on their way through this peer; more are
 *     handed back
 * @param maxBody bytes of the largest body
 * @param relayAfter how long a link may be dialled before messages go through another peer
 * @param queryAfter after how long without an answer the owner is asked, at first
 * @param retryFirst first pause after a refusal that may pass; doubles up to {@code retryMost}
 * @param retryMost longest such pause
 * @param settleEvery how often an owner asks a quiet origin which messages are still open
 * @param forgetAfter how long an origin that nobody knows any more is remembered
 * @param parkFor how long a message may wait here for the lease of its key
 * @param maxParked messages that may wait here for a lease; more are refused
 * @param maxArcs arcs of other peers that are remembered from their answers
 * @param youngView how long after a change of the view a peer that is not in it may still turn up
 */
public record RouterConfig(
    int maxOpen,
    long maxOpenBytes,
    int maxUnanswered,
    long maxUnansweredBytes,
    int maxRemembered,
    long maxRememberedBytes,
    int maxOrigins,
    int maxForwarding,
    int maxBody,
    long relayAfter,
    long queryAfter,
    long retryFirst,
    long retryMost,
    long settleEvery,
    long forgetAfter,
    long parkFor,
    int maxParked,
    int maxArcs,
    long youngView) {
  /** The most that a message's header may take of its frame. */
  public static final int HEADER_BYTES = 4_096;

  /**
   * 65,536 open calls and 64 MiB, 16,384 and 32 MiB to each peer; 262,144 remembered messages and
   * 64 MiB; bodies up to 1,044,480 bytes (a frame of 1 MiB less 4 KiB for the header); retries
   * after 20 to 250 ms.
   */
  public static final RouterConfig DEFAULT =
      new RouterConfig(
          65_536,
          64L << 20,
          16_384,
          32L << 20,
          262_144,
          64L << 20,
          65_536,
          16_384,
          (1 << 20) - HEADER_BYTES,
          100_000,
          250_000,
          20_000,
          250_000,
          1_000_000,
          60_000_000,
          1_000_000,
          1_024,
          4_096,
          500_000);

  /** The same with other bounds on this peer's own calls. */
  public RouterConfig withOpen(int calls, long bytes, int unansweredByOnePeer) {
    return with(
        other -> {
          other.maxOpen = calls;
          other.maxOpenBytes = bytes;
          other.maxUnanswered = unansweredByOnePeer;
        });
  }

  /** The same with other bounds on what is remembered of others' messages. */
  public RouterConfig withMemory(int messages, long bytes, int origins) {
    return with(
        other -> {
          other.maxRemembered = messages;
          other.maxRememberedBytes = bytes;
          other.maxOrigins = origins;
        });
  }

  /** The same with another bound on bodies. */
  public RouterConfig withMaxBody(int bytes) {
    return with(other -> other.maxBody = bytes);
  }

  /** The same without a memory of whom it has met as owner of what: it never dials an owner. */
  public RouterConfig withoutArcs() {
    return with(other -> other.maxArcs = 0);
  }

  /** The same with another bound on the bytes that one peer may owe an answer. */
  public RouterConfig withUnansweredBytes(long bytes) {
    return with(other -> other.maxUnansweredBytes = bytes);
  }

  private RouterConfig with(Consumer<Components> change) {
    Components other = new Components(this);
    change.accept(other);
    return other.config();
  }

  /** The components, to be changed one by one. */
  private static final class Components {
    private int maxOpen;
    private long maxOpenBytes;
    private int maxUnanswered;
    private long maxUnansweredBytes;
    private int maxRemembered;
    private long maxRememberedBytes;
    private int maxOrigins;
    private int maxForwarding;
    private int maxBody;
    private long relayAfter;
    private long queryAfter;
    private long retryFirst;
    private long retryMost;
    private long settleEvery;
    private long forgetAfter;
    private long parkFor;
    private int maxParked;
    private int maxArcs;
    private long youngView;

    Components(RouterConfig from) {
      maxOpen = from.maxOpen;
      maxOpenBytes = from.maxOpenBytes;
      maxUnanswered = from.maxUnanswered;
      maxUnansweredBytes = from.maxUnansweredBytes;
      maxRemembered = from.maxRemembered;
      maxRememberedBytes = from.maxRememberedBytes;
      maxOrigins = from.maxOrigins;
      maxForwarding = from.maxForwarding;
      maxBody = from.maxBody;
      relayAfter = from.relayAfter;
      queryAfter = from.queryAfter;
      retryFirst = from.retryFirst;
      retryMost = from.retryMost;
      settleEvery = from.settleEvery;
      forgetAfter = from.forgetAfter;
      parkFor = from.parkFor;
      maxParked = from.maxParked;
      maxArcs = from.maxArcs;
      youngView = from.youngView;
    }

    RouterConfig config() {
      return new RouterConfig(
          maxOpen,
          maxOpenBytes,
          maxUnanswered,
          maxUnansweredBytes,
          maxRemembered,
          maxRememberedBytes,
          maxOrigins,
          maxForwarding,
          maxBody,
          relayAfter,
          queryAfter,
          retryFirst,
          retryMost,
          settleEvery,
          forgetAfter,
          parkFor,
          maxParked,
          maxArcs,
          youngView);
    }
  }
}
