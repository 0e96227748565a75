// A message as a stream or a processor receives it.
package dev.p2pkit.sdk;

import java.util.Optional;

/**
 * A message as its receiver sees it.
 *
 * @param source who sent it
 * @param destination whom the sender addressed
 * @param accessPoint where it arrived
 * @param body the payload
 * @param replyTo where an answer goes; empty if none is awaited. May be handed to a third party;
 *     the first answer wins
 */
public record Message(
    Source source,
    Destination destination,
    String accessPoint,
    Payload body,
    Optional<Address> replyTo) {

  /**
   * The body as a value of this type.
   *
   * @throws KitException with {@link ErrorCode#PROTOCOL_ERROR} if the body is not one
   */
  public <T> T body(Class<T> type) {
    return body.as(type);
  }
}
