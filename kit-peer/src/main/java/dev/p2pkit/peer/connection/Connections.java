// The connections of a peer, of which it is one end or the other.
package dev.p2pkit.peer.connection;

import dev.p2pkit.peer.service.Incoming;
import dev.p2pkit.sdk.Connection;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.Source;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Opens connections, receives those of others, and ends both when a peer is gone. Thread-safe. */
public final class Connections {
  /** The access point at which peers take the steps of connections. */
  public static final String ACCESS_POINT = "$connection";

  private static final int MOST = 65_536;
  private static final Duration DEADLINE = Duration.ofSeconds(10);

  /** What connections need of their peer. */
  public interface Surroundings {
    /** Calls an access point of a peer. */
    CompletableFuture<Payload> call(
        PeerId peer, String accessPoint, Payload body, Duration deadline);

    /** Delivers to an access point of this peer. */
    void deliver(Incoming incoming);

    /** Runs something after a while. */
    void after(Duration pause, Runnable action);
  }

  private record Incomer(PeerId peer, long id) {}

  private final Surroundings around;
  private final Consumer<NetworkEvent> events;
  private final AtomicLong ids;
  private final Map<Long, OutgoingConnection<?>> outgoing = new ConcurrentHashMap<>();
  private final Map<Incomer, IncomingConnection> incoming = new ConcurrentHashMap<>();

  /**
   * No connection yet.
   *
   * @param firstId connections are numbered from here; another process of this peer must begin
   *     elsewhere
   */
  public Connections(Surroundings around, Consumer<NetworkEvent> events, long firstId) {
    this.around = around;
    this.events = events;
    ids = new AtomicLong(firstId);
  }

  /**
   * Opens a connection. Fails as a call to the peer does, and with {@link ErrorCode#QUOTA} if there
   * are too many.
   */
  public <C> CompletableFuture<Connection<C>> open(PeerId peer, String accessPoint) {
    if (outgoing.size() >= MOST) {
      return CompletableFuture.failedFuture(
          new KitException(ErrorCode.QUOTA, MOST + " connections of this peer are open"));
    }
    long id = ids.getAndIncrement();
    return call(peer, new Frame.Open(id, accessPoint))
        .thenApply(
            opened -> {
              OutgoingConnection<C> connection =
                  new OutgoingConnection<>(id, peer, accessPoint, this);
              outgoing.put(id, connection);
              events.accept(new NetworkEvent.ConnectionOpened(peer, accessPoint));
              return connection;
            });
  }

  CompletableFuture<Payload> call(PeerId peer, Frame frame) {
    return around.call(peer, ACCESS_POINT, Frame.encode(frame), DEADLINE);
  }

  void after(Duration pause, Runnable action) {
    around.after(pause, action);
  }

  void ended(OutgoingConnection<?> connection, long id, int unacknowledged) {
    outgoing.remove(id);
    // The other end learns it also from the death of this peer; nobody waits for this.
    CompletableFuture<?> unused = call(connection.peer(), new Frame.End(id));
    events.accept(
        new NetworkEvent.ConnectionClosed(
            connection.peer(), connection.accessPoint(), unacknowledged));
  }

  /** A step of a connection of another peer to this one; those of one peer come in its order. */
  public void receive(Incoming step) {
    if (!(step.message().source() instanceof Source.OfPeer from)) {
      step.fail(ErrorCode.UNAUTHORISED, "connections are for peers");
      return;
    }
    try {
      receive(step, from.peer(), Frame.decode(step.message().body()));
    } catch (KitException e) {
      step.fail(e.code(), e.detail());
    }
  }

  private void receive(Incoming step, PeerId from, Frame frame) {
    Incomer name = new Incomer(from, frame.id());
    IncomingConnection known = incoming.get(name);
    if (frame instanceof Frame.Data data) {
      if (known == null) {
        step.fail(ErrorCode.CLOSED, "the receiving peer has no such connection any more");
      } else {
        known.message(step, data).ifPresent(around::deliver);
      }
    } else if (frame instanceof Frame.Open open) {
      if (known == null && incoming.size() >= MOST) {
        step.fail(ErrorCode.QUOTA, MOST + " connections to this peer are open");
        return;
      }
      if (known == null) {
        incoming.put(name, new IncomingConnection(open.accessPoint()));
        events.accept(new NetworkEvent.ConnectionOpened(from, open.accessPoint()));
      }
      step.reply(Payload.bytes(new byte[0]));
    } else {
      closed(name);
      step.reply(Payload.bytes(new byte[0]));
    }
  }

  private void closed(Incomer name) {
    IncomingConnection connection = incoming.remove(name);
    if (connection != null) {
      events.accept(new NetworkEvent.ConnectionClosed(name.peer(), connection.accessPoint, 0));
    }
  }

  /** A peer has left or was found dead: nothing goes on with it. */
  public void gone(PeerId peer) {
    for (OutgoingConnection<?> connection : outgoing.values()) {
      if (connection.peer().equals(peer)) {
        connection.giveUp(ErrorCode.NO_SUCH_PEER, "peer " + peer.shortText() + " is gone");
      }
    }
    List<Incomer> names = new ArrayList<>(incoming.keySet());
    for (Incomer name : names) {
      if (name.peer().equals(peer)) {
        closed(name);
      }
    }
  }

  /** This peer closes: nothing more is sent. */
  public void close() {
    for (OutgoingConnection<?> connection : outgoing.values()) {
      connection.giveUp(ErrorCode.CLOSED, "this peer is closing");
    }
  }
}
