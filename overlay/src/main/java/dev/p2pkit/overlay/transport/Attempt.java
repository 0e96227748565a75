// One attempt to open a link.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.transport.LinkFrame.Hello;
import dev.p2pkit.overlay.transport.LinkStatistics.Drop;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import io.netty.channel.ConnectTimeoutException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.net.ConnectOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to open a link: connection, handshake, greeting, all within their time limits, which
 * run from when there is a place for its handshake. Everything happens on its event loop; {@link
 * #give} up from any thread.
 */
final class Attempt implements Connection.Owner {
  /** For whom an attempt is made; called on its event loop. */
  interface Target {
    /** It begins only now, because this process had too much to do. */
    default void delayed(Attempt attempt) {}

    /** This side proves itself next; false if this attempt is no longer wanted. */
    boolean proving(Attempt attempt, Connection connection);

    /** The other side has let us in. The connection belongs to the target now. */
    void welcomed(Attempt attempt, Connection connection);

    /** The other side says that another process has this one's identity. */
    void rival(LinkFrame.Rival rival);

    /** It did not work; called once, and not after {@link #welcomed}. */
    void failed(Attempt attempt, Closure why);
  }

  /** What had to wait so long is told. */
  private static final long NOTICEABLE_NANOS = 250_000_000;

  private final LinkSetup setup;
  private final Endpoint endpoint;
  private final Optional<PeerId> expected;
  private final Supplier<Hello> hello;
  private final Context context;
  private volatile Target target;
  private @Nullable Connection connection;
  private boolean over;
  private long timer = -1;
  private Gate.@Nullable Place place;
  private long wantedAt;

  Attempt(
      LinkSetup setup,
      Context context,
      Endpoint endpoint,
      Optional<PeerId> expected,
      Supplier<Hello> hello,
      Target target) {
    this.setup = setup;
    this.context = context;
    this.endpoint = endpoint;
    this.expected = expected;
    this.hello = hello;
    this.target = target;
  }

  Endpoint endpoint() {
    return endpoint;
  }

  Optional<PeerId> expected() {
    return expected;
  }

  void target(Target next) {
    target = next;
  }

  /** Begins; any thread. */
  void start(NetClient client) {
    context.runOnContext(ignored -> queue(client));
  }

  /** Fails in place of beginning; any thread. */
  void lose(Closure why) {
    context.runOnContext(ignored -> fail(why));
  }

  private void queue(NetClient client) {
    if (over) {
      return;
    }
    if (!setup.config().tls() && !Loopback.is(endpoint.host())) {
      fail(
          Closure.rejected(
              ErrorCode.UNAUTHORISED,
              "without TLS only loopback addresses are dialled, not "
                  + endpoint
                  + "; switch TLS on"));
      return;
    }
    LinkLimits limits = setup.config().limits();
    Gate.Place wanted =
        setup
            .handshakes()
            .dialled()
            .place(
                setup.identity().id().toString(),
                limits.handshakes(),
                limits.waitingHandshakes(),
                () -> context.runOnContext(ignored -> dial(client)),
                () -> context.runOnContext(ignored -> busy()));
    place = wanted;
    wantedAt = System.nanoTime();
    if (!setup.handshakes().enter(wanted)) {
      busy();
    }
  }

  private void busy() {
    if (!over) {
      setup.counters().dropped(Drop.BUSY, 1);
      fail(Closure.busy(endpoint, setup.config().limits().waitingHandshakes()));
    }
  }

  private void dial(NetClient client) {
    if (over) {
      return;
    }
    if (System.nanoTime() - wantedAt >= NOTICEABLE_NANOS) {
      target.delayed(this);
    }
    LinkTimes times = setup.config().times();
    long forConnection = times.dial().toMillis();
    long limit = forConnection + times.greeting().toMillis();
    timer = setup.vertx().setTimer(limit, ignored -> tooSlow(limit));
    ConnectOptions options =
        new ConnectOptions()
            .setHost(endpoint.host())
            .setPort(endpoint.port())
            .setSsl(setup.config().tls())
            .setTimeout((int) Math.min(forConnection, Integer.MAX_VALUE));
    connect(client, options)
        .onComplete(
            result -> {
              if (result.succeeded()) {
                connected(result.result());
              } else {
                fail(explain(result.cause()));
              }
            });
  }

  /** A peer that closes while it dials has closed its client before this gets its turn. */
  private static Future<NetSocket> connect(NetClient client, ConnectOptions options) {
    try {
      return client.connect(options);
    } catch (IllegalStateException closed) {
      return Future.failedFuture(closed);
    }
  }

  private void tooSlow(long limit) {
    Closure why = Closure.lost(endpoint + " did not let us in within " + limit + " ms");
    fail(why);
    if (connection != null) {
      connection.end(why);
    }
  }

  private void connected(NetSocket socket) {
    if (over) {
      var unused = socket.close();
      return;
    }
    Connection opened = new Connection(setup, socket, context, true, hello.get(), this);
    connection = opened;
    Optional<KitException> wrong =
        TlsOptions.provedKey(socket).map(Identity::idOf).flatMap(this::unexpected);
    if (wrong.isPresent()) {
      // Before a word is said: a ticket is shown to nobody else.
      var unused = socket.close();
      setup.counters().dropped(Drop.UNAUTHORISED, 1);
      fail(Closure.rejected(wrong.get()));
      return;
    }
    opened.start();
  }

  private Optional<KitException> unexpected(PeerId found) {
    if (found.equals(setup.identity().id())) {
      return Optional.of(
          new KitException(
              ErrorCode.NO_ROUTE,
              endpoint
                  + " is this very peer; name another entry point (and give each peer a data"
                  + " directory of its own)"));
    }
    return expected
        .filter(id -> !id.equals(found))
        .map(
            id ->
                new KitException(
                    ErrorCode.UNAUTHORISED,
                    "peer "
                        + id
                        + " was expected at "
                        + endpoint
                        + ", but peer "
                        + found
                        + " is there; correct the entry point or ticket"));
  }

  private Closure explain(Throwable thrown) {
    Throwable cause =
        thrown instanceof SSLException && thrown.getCause() != null ? thrown.getCause() : thrown;
    if (cause instanceof ClosedChannelException) {
      // Who is overloaded or ends closes in the middle of a handshake; that says nothing of trust.
      return Closure.lost(endpoint + " closed the connection during the handshake");
    }
    String text = String.valueOf(cause.getMessage());
    if (thrown instanceof ConnectTimeoutException) {
      return Closure.lost("no answer from " + endpoint + "; is the address right?");
    }
    if (thrown instanceof ConnectException && text.contains("refused")) {
      return new Closure(
          Closure.Kind.REFUSED,
          ErrorCode.NO_ROUTE,
          "nobody listens at " + endpoint + "; start the peer or name another one");
    }
    if (thrown instanceof UnknownHostException) {
      return Closure.lost("the name " + endpoint.host() + " has no address");
    }
    if (thrown instanceof SSLException && !text.contains("closed") && !text.contains("timed out")) {
      setup.counters().dropped(Drop.HANDSHAKE, 1);
      return Closure.rejected(
          ErrorCode.PROTOCOL_ERROR,
          "what listens at "
              + endpoint
              + " does not speak TLS 1.3 with an Ed25519 certificate ("
              + text
              + "); name the port of a peer");
    }
    return Closure.lost("no link to " + endpoint + ": " + text);
  }

  /** Gives the attempt up; its target hears nothing more of it. Any thread. */
  void give(Closure why) {
    context.runOnContext(
        ignored -> {
          if (!over) {
            end();
            if (connection != null) {
              connection.end(why);
            }
          }
        });
  }

  private void end() {
    over = true;
    setup.vertx().cancelTimer(timer);
    if (place != null) {
      place.leave(System.nanoTime());
    }
  }

  private void fail(Closure why) {
    if (!over) {
      end();
      target.failed(this, why);
    }
  }

  @Override
  public boolean isSureOf(Connection opened) {
    return expected.isPresent();
  }

  @Override
  public boolean proving(Connection proved) {
    unexpected(proved.greeting().otherId())
        .ifPresent(
            wrong -> {
              throw wrong;
            });
    return !over && target.proving(this, proved);
  }

  @Override
  public void welcomed(Connection up) {
    if (over) {
      up.end(new Closure(Closure.Kind.DUPLICATE, ErrorCode.NO_ROUTE, "no longer wanted"));
      return;
    }
    end();
    target.welcomed(this, up);
  }

  @Override
  public void rival(LinkFrame.Rival rival) {
    target.rival(rival);
  }

  @Override
  public void message(Connection from, WireMessage message) {
    throw new IllegalStateException("a message before the welcome");
  }

  @Override
  public void ended(Connection closed, Closure why) {
    fail(why);
  }
}
