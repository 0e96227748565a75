// A client's session on the proxy peer, under its lock, with the way to the client's link.
package dev.p2pkit.peer.gateway;

import dev.p2pkit.client.session.SessionMessage;
import dev.p2pkit.client.session.SessionMessage.Close;
import dev.p2pkit.client.session.SessionMessage.Failed;
import dev.p2pkit.overlay.transport.ClientLink;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Drives the machine of one session: one call at a time, and what the machine wants run after that,
 * outside of the lock. There is no session before the client has opened one. Thread-safe.
 */
final class LockedSession {
  private final ClientLink link;
  private final Object lock = new Object();
  // Guarded by lock.
  private @Nullable GatewaySession session;
  private boolean down;

  LockedSession(ClientLink link) {
    this.link = link;
  }

  /** Begins a session; false if there is one already, or the link has gone. */
  boolean open(Key id, GatewayConfig config) {
    synchronized (lock) {
      if (session != null || down) {
        return false;
      }
      session = new GatewaySession(id, config, link::send);
      return true;
    }
  }

  Optional<Key> id() {
    synchronized (lock) {
      return Optional.ofNullable(session).map(GatewaySession::id);
    }
  }

  /** Uses the machine under the lock, and runs what it wants run after that. */
  <T> T with(Function<GatewaySession, T> use, T otherwise) {
    T result = otherwise;
    List<Runnable> effects = List.of();
    synchronized (lock) {
      if (session != null) {
        result = use.apply(session);
        effects = session.takeEffects();
      }
    }
    effects.forEach(Runnable::run);
    return result;
  }

  void run(Consumer<GatewaySession> action) {
    with(
        known -> {
          action.accept(known);
          return true;
        },
        false);
  }

  /**
   * Answers the client; one that does not read its answers is left.
   *
   * @param bytes what counts against its bound beside the message itself
   */
  void answer(SessionMessage message, int bytes) {
    if (!with(known -> known.answer(message, bytes), true)) {
      end(
          ErrorCode.SLOW_CONSUMER,
          "the client does not read its answers; call less or read faster");
    }
  }

  void fail(long id, ErrorCode code, String detail) {
    answer(new Failed(id, code, detail), 0);
  }

  /** Ends the session; the client is told. */
  void end(ErrorCode code, String detail) {
    link.send(new Close(code, detail));
    link.close(detail);
  }

  /** The link is gone, and no session begins on it any more. */
  void down() {
    synchronized (lock) {
      down = true;
    }
  }
}
