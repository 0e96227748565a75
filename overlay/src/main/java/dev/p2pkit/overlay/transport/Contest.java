// Which of two connections with one peer stays.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.transport.LinkFrame.Rival;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a connection that the peer has dialled while it is open whether it takes the place of what
 * there is: of the link, which is asked whether its other end still lives, or of a dial of our own.
 * The process that was started later stays; two that live are told of each other. Guarded by its
 * owner's lock, which it takes itself when the answer to such a question comes.
 */
final class Contest {
  private final Object lock;
  private final EffectQueue effects;
  private final Predicate<Connection> isLink;
  private @Nullable Connection held;

  /**
   * Nothing is held.
   *
   * @param isLink whether a connection is the link; called with the lock
   */
  Contest(Object lock, EffectQueue effects, Predicate<Connection> isLink) {
    this.lock = lock;
    this.effects = effects;
    this.isLink = isLink;
  }

  /** Whether a connection waits. */
  boolean isOpen() {
    return held != null;
  }

  /** Whether this one waits. */
  boolean holds(Connection connection) {
    return held == connection;
  }

  /** Keeps a connection; one that has waited before is a duplicate now. */
  void hold(Connection connection) {
    Connection before = held;
    held = connection;
    if (before != null) {
      effects.add(() -> before.run(() -> before.end(Closure.duplicate())));
    }
  }

  /** The connection that has waited, which the owner makes the link or forgets; null if none. */
  @Nullable Connection take() {
    Connection next = held;
    held = null;
    return next;
  }

  /** Ends what waits. */
  void end(Closure why) {
    Connection waiting = take();
    if (waiting != null) {
      effects.add(() -> waiting.run(() -> waiting.end(why)));
    }
  }

  /**
   * A connection wants the place of the link.
   *
   * @param provedDead whether it shows that the link's process is dead
   */
  void challenge(Connection link, Connection other, boolean provedDead) {
    int later = Long.compare(other.peer().incarnation(), link.peer().incarnation());
    if (later < 0) {
      Closure why = Closure.replacedBy(link.peer());
      tellOfEachOther(other, link);
      effects.add(() -> other.run(() -> other.refuse(why.exception())));
      return;
    }
    hold(other);
    if (later == 0) {
      // Its process may have lost the link without our noticing, or its dial crossed ours.
      refuseIfAlive(link, other);
    } else if (provedDead) {
      effects.add(() -> link.run(() -> link.end(Closure.replacedBy(other.peer()))));
    } else {
      effects.add(() -> link.run(() -> link.probe(() -> replace(link, other))));
    }
  }

  /** What waits, if anything, is a duplicate if the other side still answers on the link. */
  void refuseHeldIfAlive(Connection link) {
    Connection waiting = held;
    if (waiting != null) {
      refuseIfAlive(link, waiting);
    }
  }

  private void refuseIfAlive(Connection link, Connection other) {
    effects.add(() -> link.run(() -> link.probe(() -> refuse(other))));
  }

  private void refuse(Connection connection) {
    synchronized (lock) {
      if (held == connection) {
        end(Closure.duplicate());
      }
    }
    effects.settle();
  }

  /** Both processes live: the later one stays. */
  private void replace(Connection link, Connection later) {
    synchronized (lock) {
      if (isLink.test(link) && held == later) {
        tellOfEachOther(link, later);
        effects.add(() -> link.run(() -> link.end(Closure.replacedBy(later.peer()))));
      }
    }
    effects.settle();
  }

  private void tellOfEachOther(Connection earlier, Connection later) {
    Rival first = rivalIn(earlier);
    Rival second = rivalIn(later);
    effects.add(() -> earlier.run(() -> earlier.warn(second)));
    effects.add(() -> later.run(() -> later.warn(first)));
  }

  private static Rival rivalIn(Connection connection) {
    PeerRef peer = connection.peer();
    return new Rival(
        peer.endpoint(), peer.incarnation(), connection.greeting().other().signature());
  }
}
