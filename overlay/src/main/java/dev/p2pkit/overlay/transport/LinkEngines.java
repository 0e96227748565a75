// How the TLS engines of links differ from the JDK's ordinary ones.
package dev.p2pkit.overlay.transport;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.DelegatingSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.concurrent.Future;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.spi.tls.DefaultSslContextFactory;
import io.vertx.core.spi.tls.SslContextFactory;
import java.security.AlgorithmConstraints;
import java.security.AlgorithmParameters;
import java.security.CryptoPrimitive;
import java.security.Key;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's TLS engines, for handshakes between peers.
 *
 * <p>A handshake takes milliseconds of signatures, more in a process that has just started. It runs
 * on worker threads: on an event loop all other links there would wait for it, and their peers
 * would seem to be silent.
 *
 * <p>Keys are agreed on with X25519. The JDK would offer a second key of another kind each time,
 * which costs a dialler as much again and which no peer ever chooses.
 */
final class LinkEngines extends JdkSSLEngineOptions {
  /** Has what a server computes for a handshake wait for its turn. */
  interface Turns {
    /**
     * Where a handshake's tasks are run.
     *
     * @param source who has connected
     * @param over completes when the handshake has ended, well or not
     * @param workers where tasks are run once it is their turn
     */
    Executor of(String source, Future<?> over, Executor workers);
  }

  private final Turns turns;

  /** Engines whose handshakes begin at once. */
  LinkEngines() {
    this((source, over, workers) -> workers);
  }

  /** Engines whose handshakes take turns, those of a server. */
  LinkEngines(Turns turns) {
    this.turns = turns;
    setUseWorkerThread(true);
  }

  @Override
  public LinkEngines copy() {
    return new LinkEngines(turns);
  }

  @Override
  public SslContextFactory sslContextFactory() {
    return new DefaultSslContextFactory(SslProvider.JDK, false) {
      @Override
      public SslContext create() throws SSLException {
        return new Narrow(super.create(), turns);
      }
    };
  }

  private static final class Narrow extends DelegatingSslContext {
    private final Turns turns;

    Narrow(SslContext context, Turns turns) {
      super(context);
      this.turns = turns;
    }

    @Override
    protected SslHandler newHandler(
        ByteBufAllocator allocator, String host, int port, boolean startTls, Executor workers) {
      if (isClient()) {
        return super.newHandler(allocator, host, port, startTls, workers);
      }
      Turn turn = new Turn();
      SslHandler handler = super.newHandler(allocator, host, port, startTls, turn);
      turn.tasks = turns.of(host, handler.handshakeFuture(), workers);
      return handler;
    }

    @Override
    protected void initEngine(SSLEngine engine) {
      SSLParameters parameters = engine.getSSLParameters();
      parameters.setAlgorithmConstraints(new WithoutOtherGroups());
      engine.setSSLParameters(parameters);
    }
  }

  /** The executor of a handler, which exists before it. */
  private static final class Turn implements Executor {
    private @Nullable Executor tasks;

    @Override
    public void execute(Runnable task) {
      Objects.requireNonNull(tasks, "the handler is complete before it is used").execute(task);
    }
  }

  /** Refuses the older groups by their names, so that what a later JDK prefers is let through. */
  private static final class WithoutOtherGroups implements AlgorithmConstraints {
    private static final List<String> REFUSED = List.of("secp", "sect", "ffdhe", "x448");

    @Override
    public boolean permits(
        Set<CryptoPrimitive> primitives,
        String algorithm,
        @Nullable AlgorithmParameters parameters) {
      String name = algorithm.toLowerCase(Locale.ROOT);
      return !primitives.contains(CryptoPrimitive.KEY_AGREEMENT)
          || REFUSED.stream().noneMatch(name::startsWith);
    }

    @Override
    public boolean permits(Set<CryptoPrimitive> primitives, Key key) {
      return true;
    }

    @Override
    public boolean permits(
        Set<CryptoPrimitive> primitives,
        String algorithm,
        Key key,
        @Nullable AlgorithmParameters parameters) {
      return permits(primitives, algorithm, parameters);
    }
  }
}
