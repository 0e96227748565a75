// Finds the handler of a message by what its body says.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.ServiceDescriptor;
import dev.p2pkit.sdk.ServiceDescriptor.Handler;
import dev.p2pkit.sdk.codec.CodecException;
import dev.p2pkit.sdk.codec.PayloadCodec;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The handlers of one version. Immutable. */
final class Dispatch {
  private final ServiceKey key;
  private final Map<Class<?>, Handler> handlers;
  private final @Nullable Handler fallback;
  private final ServiceCodec codec;

  Dispatch(ServiceKey key, ServiceDescriptor descriptor, ServiceCodec codec) {
    this.key = key;
    this.handlers = descriptor.handlers();
    this.fallback = descriptor.fallback().orElse(null);
    this.codec = codec;
  }

  /** A handler and the message as it takes it. */
  record Matched(Handler handler, Object message) {}

  /**
   * The handler for a body.
   *
   * @throws KitException PROTOCOL_ERROR if nothing here takes it
   */
  Matched match(Payload body) {
    if (handlers.isEmpty() && fallback != null) {
      return new Matched(fallback, body);
    }
    Optional<PayloadCodec.Match> match;
    String reason = "none of them fits";
    try {
      match = codec.match(body, handlers.keySet());
    } catch (CodecException e) {
      match = Optional.empty();
      reason = Failure.describe(e);
    }
    if (match.isPresent()) {
      Handler handler = Objects.requireNonNull(handlers.get(match.get().type()));
      return new Matched(handler, match.get().message());
    }
    if (fallback != null) {
      return new Matched(fallback, body);
    }
    throw new KitException(
        ErrorCode.PROTOCOL_ERROR,
        key.name()
            + " takes "
            + handlers.keySet().stream().map(Class::getSimpleName).collect(Collectors.joining(", "))
            + ", and "
            + reason);
  }
}
