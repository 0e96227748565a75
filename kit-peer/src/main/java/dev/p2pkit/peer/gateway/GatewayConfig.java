// How much a peer does for its clients.
package dev.p2pkit.peer.gateway;

import dev.p2pkit.client.session.SessionCodec;

/**
 * How much a peer does for its clients.
 *
 * @param queuedMessages how many messages for the proxies of one session may wait; default 1,024
 * @param queuedBytes how many bytes of messages, and again of answers, may wait in one session;
 *     default 4 MiB
 * @param flightBytes how many bytes of messages may be on the way to one client before it
 *     acknowledges some; default 1 MiB
 * @param openRequests how many requests of one session may be open; default 16,384
 * @param subscriptions how many streams, feeds of events and proxies one session may have; default
 *     4,096
 * @param uploads how many archives clients may be sending to this peer at once; default 4
 * @param largestBody the largest body that clients may send, in bytes; default what a frame of 1
 *     MiB has room for
 */
public record GatewayConfig(
    int queuedMessages,
    int queuedBytes,
    int flightBytes,
    int openRequests,
    int subscriptions,
    int uploads,
    int largestBody) {
  /** What the parameters' descriptions say. */
  public static final GatewayConfig DEFAULT =
      new GatewayConfig(1_024, 4 << 20, 1 << 20, 16_384, 4_096, 4, SessionCodec.MAX_BODY);

  public GatewayConfig {
    if (queuedMessages < 1
        || queuedBytes < 1
        || flightBytes < 1
        || openRequests < 1
        || subscriptions < 1
        || uploads < 0
        || largestBody < 1) {
      throw new IllegalArgumentException("the bounds of a gateway are positive");
    }
    if (largestBody > SessionCodec.MAX_BODY) {
      throw new IllegalArgumentException(
          "a body has at most " + SessionCodec.MAX_BODY + " bytes, not " + largestBody);
    }
  }

  /** The same with other bounds on what waits for one client. */
  public GatewayConfig withQueue(int messages, int bytes) {
    return new GatewayConfig(
        messages, bytes, flightBytes, openRequests, subscriptions, uploads, largestBody);
  }
}
