// How a client connects and what it may cost.
package dev.p2pkit.client;

import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executor;

/**
 * Options of a client.
 *
 * @param connectTimeout how long one ticket may take before the next is tried; 5 s
 * @param seed for the order in which tickets are tried; random if empty
 * @param window how many messages a proxy or stream may have on the way or unread; 1 to 4,096, 256
 *     by default
 * @param mostOpenCalls how many calls may be open at once; more fail with {@code BUSY}; 1 to
 *     1,000,000, 16,384 by default
 * @param reattach whether another proxy peer is sought when the present one is lost
 * @param ownerKey the file with the key that signs installs which name none; the user's own by
 *     default
 * @param executor where stages complete and subscribers are called; threads of the client's own by
 *     default. It must not run tasks on the thread that hands them over
 * @param vertx runs the sockets; one of the client's own by default, closed with it
 * @param clock for the expiry of tickets
 */
public record ClientOptions(
    Duration connectTimeout,
    OptionalLong seed,
    int window,
    int mostOpenCalls,
    boolean reattach,
    Optional<Path> ownerKey,
    Optional<Executor> executor,
    Optional<Vertx> vertx,
    Clock clock) {
  /** What the parameters' descriptions say. */
  public static final ClientOptions DEFAULT =
      new ClientOptions(
          Duration.ofSeconds(5),
          OptionalLong.empty(),
          256,
          16_384,
          true,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Clock.systemUTC());

  public ClientOptions {
    if (connectTimeout.isNegative() || connectTimeout.isZero()) {
      throw new IllegalArgumentException("a connect timeout is positive, not " + connectTimeout);
    }
    if (window < 1 || window > 4_096) {
      throw new IllegalArgumentException("a window has 1 to 4096 messages, not " + window);
    }
    if (mostOpenCalls < 1 || mostOpenCalls > 1_000_000) {
      throw new IllegalArgumentException("1 to 1000000 open calls, not " + mostOpenCalls);
    }
  }

  /** The same with another time for each ticket. */
  public ClientOptions connectTimeout(Duration time) {
    return new ClientOptions(
        time, seed, window, mostOpenCalls, reattach, ownerKey, executor, vertx, clock);
  }

  /** The same with a fixed order of tickets, for tests. */
  public ClientOptions seed(long value) {
    return new ClientOptions(
        connectTimeout,
        OptionalLong.of(value),
        window,
        mostOpenCalls,
        reattach,
        ownerKey,
        executor,
        vertx,
        clock);
  }

  /** The same with another window. */
  public ClientOptions window(int messages) {
    return new ClientOptions(
        connectTimeout, seed, messages, mostOpenCalls, reattach, ownerKey, executor, vertx, clock);
  }

  /** The same with another bound on open calls. */
  public ClientOptions mostOpenCalls(int calls) {
    return new ClientOptions(
        connectTimeout, seed, window, calls, reattach, ownerKey, executor, vertx, clock);
  }

  /** The same, with or without looking for another proxy peer. */
  public ClientOptions reattach(boolean wanted) {
    return new ClientOptions(
        connectTimeout, seed, window, mostOpenCalls, wanted, ownerKey, executor, vertx, clock);
  }

  /** The same with another owner key. */
  public ClientOptions ownerKey(Path file) {
    return new ClientOptions(
        connectTimeout,
        seed,
        window,
        mostOpenCalls,
        reattach,
        Optional.of(file),
        executor,
        vertx,
        clock);
  }

  /** The same with a given executor. */
  public ClientOptions executor(Executor given) {
    return new ClientOptions(
        connectTimeout,
        seed,
        window,
        mostOpenCalls,
        reattach,
        ownerKey,
        Optional.of(given),
        vertx,
        clock);
  }

  /** The same on a given Vert.x, which is not closed with the client. */
  public ClientOptions vertx(Vertx given) {
    return new ClientOptions(
        connectTimeout,
        seed,
        window,
        mostOpenCalls,
        reattach,
        ownerKey,
        executor,
        Optional.of(given),
        clock);
  }

  /** The same with another clock for the expiry of tickets. */
  public ClientOptions clock(Clock given) {
    return new ClientOptions(
        connectTimeout, seed, window, mostOpenCalls, reattach, ownerKey, executor, vertx, given);
  }
}
