// One socket, from the greeting to the last word.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.transport.LinkFrame.Goodbye;
import dev.p2pkit.overlay.transport.LinkFrame.Hello;
import dev.p2pkit.overlay.transport.LinkFrame.Ping;
import dev.p2pkit.overlay.transport.LinkFrame.Pong;
import dev.p2pkit.overlay.transport.LinkFrame.Proof;
import dev.p2pkit.overlay.transport.LinkFrame.Reason;
import dev.p2pkit.overlay.transport.LinkFrame.Rival;
import dev.p2pkit.overlay.transport.LinkFrame.Welcome;
import dev.p2pkit.overlay.transport.LinkStatistics.Drop;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import io.vertx.core.Context;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetSocket;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One socket, from the greeting to the last word. Everything happens on the socket's event loop,
 * except for {@link #wake} and {@link #run}, which any thread may call.
 */
final class Connection {
  /** What a connection tells whoever it belongs to; on its event loop. */
  interface Owner {
    /** Dialler: whether TLS has shown whom it has dialled, so that it proves itself at once. */
    default boolean isSureOf(Connection connection) {
      return false;
    }

    /**
     * Dialler: its proof comes next, as the other side has proved itself, or by TLS its key; false
     * to give this connection up as not needed.
     */
    default boolean proving(Connection connection) {
      throw new IllegalStateException("this connection was not dialled, or has been greeted");
    }

    /** Dialler: the other side has let us in; {@link #begin} starts the traffic. */
    default void welcomed(Connection connection) {
      throw new IllegalStateException("this connection was not dialled, or has been greeted");
    }

    /** Dialled: the other side has proved itself; {@link #begin} lets it in. */
    default void offered(Connection connection) {
      throw new IllegalStateException("this connection was dialled, or has been greeted");
    }

    /** The other side says that another process has this one's identity. */
    default void rival(Rival rival) {}

    /** A message. */
    void message(Connection connection, WireMessage message);

    /** The socket is closed; nothing follows. Called once. */
    void ended(Connection connection, Closure why);
  }

  private enum Phase {
    GREETING,
    /** Greeted; the traffic waits for {@link #begin}. */
    PROVED,
    UP,
    /** What is queued is written, then the last word. */
    CLOSING,
    CLOSED
  }

  private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
  private static final LogLimit BAD_INPUT = new LogLimit(LOG);

  /** How long the last word may take. */
  private static final long LAST_WORD_MILLIS = 1000;

  private final LinkSetup setup;
  private final NetSocketInternal socket;
  private final Context context;
  private final Thread loop = Thread.currentThread();
  private final boolean dialler;
  private final Greeting greeting;
  private final LinkReader reader;
  private final LinkWriter writer;
  private final LinkPings pings;
  private Owner owner;
  private Phase phase = Phase.GREETING;
  private @Nullable Closure closure;
  private @Nullable Goodbye lastWord;
  private @Nullable PeerRef peer;
  private long greetingTimer = -1;
  private boolean checked;
  private boolean provedEarly;
  private boolean flushWanted;

  /** On the socket's event loop, which must be the current thread. */
  Connection(
      LinkSetup setup, NetSocket socket, Context context, boolean dialler, Hello own, Owner owner) {
    this.setup = setup;
    this.socket = (NetSocketInternal) socket;
    this.context = context;
    this.dialler = dialler;
    this.owner = owner;
    this.greeting =
        new Greeting(
            dialler,
            setup.identity(),
            setup.config().membership(),
            own,
            TlsOptions.provedKey(socket));
    this.reader = new LinkReader(setup, this.socket, new Frames());
    this.writer = new LinkWriter(setup, this.socket, this::flush);
    this.pings = new LinkPings(setup, this::enqueue, this::silent);
  }

  /**
   * Reads from now on; the dialler speaks first. Whoever accepted the connection has taken a place
   * for its greeting, which is freed here.
   */
  void start() {
    writer.start();
    socket.closeHandler(ignored -> closed());
    socket.exceptionHandler(
        thrown -> closeWith(Closure.lost("the connection failed: " + thrown.getMessage())));
    reader.start();
    if (dialler) {
      writer.write(greeting.ownHello());
      provedEarly = greeting.knowsOther() && owner.isSureOf(this);
      if (provedEarly) {
        prove(greeting.earlyProof());
      }
    } else {
      greetingTimer =
          setup
              .vertx()
              .setTimer(setup.config().times().greeting().toMillis(), ignored -> greetingTooSlow());
    }
  }

  private void greetingTooSlow() {
    if (phase == Phase.GREETING) {
      setup.counters().dropped(Drop.GREETING_TIMEOUT, 1);
    }
    if (phase == Phase.GREETING || phase == Phase.PROVED) {
      end(Closure.lost("the greeting took too long"));
    }
  }

  Context context() {
    return context;
  }

  boolean dialler() {
    return dialler;
  }

  Greeting greeting() {
    return greeting;
  }

  String remoteAddress() {
    return String.valueOf(socket.remoteAddress());
  }

  /** Who is there; known once it has proved itself. */
  PeerRef peer() {
    PeerRef known = peer;
    if (known == null) {
      Hello hello = greeting.other();
      known = new PeerRef(greeting.otherId(), hello.address().orElseThrow(), hello.incarnation());
      peer = known;
    }
    return known;
  }

  /** The lock that the other process holds while it lives, if it says one. */
  Optional<Key> lock() {
    return greeting.other().lock();
  }

  /** Whether the other process itself listens where it can be dialled. */
  boolean isDirect() {
    return greeting.other().direct();
  }

  long lastUsedNanos() {
    return writer.lastUsedNanos();
  }

  long roundTripNanos() {
    return pings.roundTripNanos();
  }

  /** Hands this connection to another owner; on the event loop. */
  void owner(Owner next) {
    owner = next;
  }

  /** Runs something on the event loop, at once if this is it. */
  void run(Runnable action) {
    if (Thread.currentThread() == loop) {
      action.run();
    } else {
      context.runOnContext(ignored -> action.run());
    }
  }

  /** Starts the traffic: the other side is let in, what is queued is written. */
  void begin(Object outboxLock, Outbox queued) {
    if (phase != Phase.PROVED) {
      return;
    }
    if (!dialler) {
      setup.vertx().cancelTimer(greetingTimer);
      endGreeting();
      writer.write(new Welcome(greeting.version()));
    }
    writer.serve(outboxLock, queued);
    phase = Phase.UP;
    pings.start();
    reader.letIn();
    flush();
    reader.resume();
  }

  /**
   * Asks at once whether the other side is still there; its silence ends this connection.
   *
   * @param alive called on the event loop if it is
   */
  void probe(Runnable alive) {
    pings.probe(alive);
  }

  /** Ends without a word to the other side, which is taken for dead. */
  void abandon() {
    closeWith(Closure.lost("the other side was found dead"));
    abort();
  }

  private void silent() {
    setup.counters().dropped(Drop.PING_TIMEOUT, 1);
    closeWith(Closure.lost("the other side no longer answers"));
    abort();
  }

  private void enqueue(LinkFrame frame) {
    if (writer.enqueue(frame)) {
      wake();
    }
  }

  /** Somebody has queued something; called by whoever set the outbox's mark. Any thread. */
  void wake() {
    if (Thread.currentThread() == loop && reader.isReading()) {
      flushWanted = true;
    } else {
      context.runOnContext(ignored -> flush());
    }
  }

  private void flush() {
    if ((phase == Phase.UP || phase == Phase.CLOSING) && writer.flush() && phase == Phase.CLOSING) {
      finish();
    }
  }

  /** What the reader has cut out of the stream. */
  private final class Frames implements LinkReader.Sink {
    @Override
    public boolean isClosed() {
      return phase == Phase.CLOSED;
    }

    @Override
    public boolean isDeaf() {
      return phase == Phase.CLOSED || (closure != null && phase != Phase.CLOSING);
    }

    @Override
    public boolean takesMessages() {
      return phase == Phase.UP || phase == Phase.CLOSING;
    }

    @Override
    public boolean linkFrame(LinkFrame frame) {
      heard(frame);
      return phase != Phase.PROVED;
    }

    @Override
    public void message(WireMessage message) {
      try {
        owner.message(Connection.this, message);
      } catch (RuntimeException e) {
        LOG.error("a message from {} could not be handled", remoteAddress(), e);
      }
    }

    @Override
    public void refused(KitException why) {
      refuse(why);
    }

    @Override
    public void defect(RuntimeException thrown) {
      LOG.error("the link with {} is closed because of a defect here", remoteAddress(), thrown);
      end(Closure.lost("an error inside of this peer; its log says which"));
    }

    @Override
    public void handedOn(boolean messages) {
      if (messages) {
        writer.used();
      }
      if (flushWanted) {
        flushWanted = false;
        flush();
      }
    }
  }

  private void heard(LinkFrame frame) {
    if (frame instanceof Ping ping) {
      enqueue(new Pong(ping.token()));
    } else if (frame instanceof Pong pong) {
      pings.answered(pong);
    } else if (frame instanceof Rival rival) {
      if (!checked) {
        throw new WireException("who has not proved itself knows of no other process");
      }
      owner.rival(rival);
    } else if (frame instanceof Goodbye goodbye) {
      closeWith(Closure.of(goodbye));
      shut();
    } else if (phase != Phase.GREETING) {
      throw new WireException("a frame of the greeting came after its end");
    } else if (frame instanceof Hello hello) {
      greeting.heard(hello);
      if (!dialler) {
        writer.write(greeting.ownHello());
        writer.write(greeting.proof());
      }
    } else if (frame instanceof Proof proof) {
      proved(proof);
    } else if (frame instanceof Welcome && dialler) {
      if (!checked) {
        throw new WireException("who has not proved itself welcomes nobody");
      }
      phase = Phase.PROVED;
      owner.welcomed(this);
    }
  }

  private void proved(Proof proof) {
    greeting.check(proof, Instant.now());
    checked = true;
    if (!dialler) {
      phase = Phase.PROVED;
      owner.offered(this);
    } else if (!provedEarly) {
      prove(greeting.proof());
    }
  }

  private void prove(Proof proof) {
    if (owner.proving(this)) {
      writer.write(proof);
    } else {
      end(Closure.duplicate());
    }
  }

  /** Tells the other side that another process has its identity. */
  void warn(Rival rival) {
    if (phase != Phase.CLOSED && closure == null) {
      writer.write(rival);
    }
  }

  /** Tells the other side what is wrong and closes. */
  void refuse(KitException why) {
    BAD_INPUT.warn("link with {} refused: {}", remoteAddress(), why.detail());
    end(Closure.rejected(why));
  }

  /** Closes at once, with a word to the other side. */
  void end(Closure why) {
    end(why, why.goodbye());
  }

  void end(Closure why, Goodbye words) {
    if (phase != Phase.CLOSED && closure == null) {
      closeWith(why);
      writer.write(words);
      shut();
    }
  }

  /** Closes after what is queued has been written. */
  void endAfterQueue(Reason reason, String detail) {
    if (phase != Phase.UP) {
      end(new Closure(Closure.Kind.CLOSED_HERE, ErrorCode.CLOSED, detail));
      return;
    }
    closeWith(new Closure(Closure.Kind.CLOSED_HERE, ErrorCode.CLOSED, detail));
    lastWord = new Goodbye(reason, ErrorCode.CLOSED.name(), detail);
    phase = Phase.CLOSING;
    pings.stop();
    setup.vertx().setTimer(LAST_WORD_MILLIS, ignored -> abort());
    flush();
  }

  private void finish() {
    if (lastWord != null) {
      writer.write(lastWord);
      lastWord = null;
      shut();
    }
  }

  private void closeWith(Closure why) {
    if (closure == null) {
      closure = why;
    }
  }

  private void shut() {
    setup.vertx().setTimer(LAST_WORD_MILLIS, ignored -> abort());
    var unused = socket.close();
  }

  /** Closes without waiting for anything to be written. */
  private void abort() {
    if (phase != Phase.CLOSED) {
      // Below TLS, which would wait for its own last word to be read.
      io.netty.channel.Channel channel = socket.channelHandlerContext().channel();
      channel.unsafe().close(channel.newPromise());
      closed();
    }
  }

  private void endGreeting() {
    setup.counters().endGreeting();
    setup.sources().end(socket.remoteAddress().hostAddress());
  }

  private void closed() {
    if (phase == Phase.CLOSED) {
      return;
    }
    setup.vertx().cancelTimer(greetingTimer);
    pings.stop();
    if (!dialler && (phase == Phase.GREETING || phase == Phase.PROVED)) {
      endGreeting();
    }
    phase = Phase.CLOSED;
    Closure why = closure;
    owner.ended(this, why == null ? Closure.lost("the connection was closed") : why);
  }
}
