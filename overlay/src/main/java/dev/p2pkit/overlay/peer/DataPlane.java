// The router of a peer on real threads: callers and event loops use it directly, under one lock.
package dev.p2pkit.overlay.peer;

import dev.p2pkit.overlay.machine.ArcMemory;
import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.routing.Draft;
import dev.p2pkit.overlay.routing.Inbound;
import dev.p2pkit.overlay.routing.Outcome;
import dev.p2pkit.overlay.routing.Router;
import dev.p2pkit.overlay.routing.RouterConfig;
import dev.p2pkit.overlay.routing.RouterListener;
import dev.p2pkit.overlay.routing.RouterStatistics;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.OwnershipMode;
import dev.p2pkit.sdk.PeerId;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/**
 * Drives the {@link Router} from any thread. What the router tells its host is queued under the
 * lock and run after it, by the thread that caused it where that keeps the order: all messages of
 * one sender go through one {@link Teller}, and there are several, so that links on different event
 * loops do not wait for each other. What became of own calls has tellers of its own, because a
 * receiver of messages may be stuck.
 */
final class DataPlane implements RouterListener {
  /** A power of two, at most 16; twice as many have one bit each in {@code due}. */
  private static final int TELLERS = 16;

  /** The tellers for messages; those for outcomes follow. */
  private static final int OUTCOMES = TELLERS;

  private final ControlLoop loop;
  private final Supplier<PeerRef> self;
  private final BiPredicate<PeerRef, WireMessage> send;
  private final Consumer<PeerRef> close;
  private final Function<String, OwnershipMode> mode;
  private final ReentrantLock lock = new ReentrantLock();
  private final Teller[] tellers = new Teller[2 * TELLERS];
  private final DataThreads threads;
  private final Router router;

  /**
   * What came while the lock was held: the transport may bring news of a link, or its first
   * messages, on the very thread that is sending, and nothing may enter the router from within.
   */
  private final ConcurrentLinkedQueue<Runnable> arrived = new ConcurrentLinkedQueue<>();

  /** Tellers that got something to do while the lock is held, as bits. */
  private int due;

  DataPlane(
      RouterConfig config,
      ControlLoop loop,
      Supplier<PeerRef> self,
      BiPredicate<PeerRef, WireMessage> send,
      Consumer<PeerRef> close,
      Consumer<Inbound> receiver,
      Function<String, OwnershipMode> mode) {
    this.mode = mode;
    this.loop = loop;
    this.self = self;
    this.send = send;
    this.close = close;
    this.threads = new DataThreads(self.get().id().shortText());
    for (int i = 0; i < tellers.length; i++) {
      tellers[i] = threads.teller(receiver);
    }
    this.router = new Router(config, new RouterEffects(loop.random()), this);
  }

  void start() {
    enter(router::start);
  }

  long open(Draft draft, Consumer<Outcome> whenDone) {
    long id = 0;
    lock.lock();
    try {
      id = router.open(loop.now(), draft, whenDone);
    } finally {
      unlockAndTell();
    }
    return id;
  }

  boolean reply(long id, Outcome.Replied reply) {
    boolean open = false;
    lock.lock();
    try {
      open = router.reply(loop.now(), id, reply);
    } finally {
      unlockAndTell();
    }
    return open;
  }

  void cancel(long id) {
    enter(now -> router.cancel(now, id));
  }

  void complete(Inbound inbound, Outcome outcome) {
    lock.lock();
    try {
      router.complete(loop.now(), inbound, outcome);
    } finally {
      unlockAndTell();
    }
  }

  void message(PeerRef from, WireMessage message) {
    if (lock.isHeldByCurrentThread()) {
      arrived.add(() -> router.onMessage(loop.now(), from, message));
      return;
    }
    lock.lock();
    try {
      arrivals();
      router.onMessage(loop.now(), from, message);
    } finally {
      unlockAndTell();
    }
  }

  /** Passes an event on, and then tells how many calls the peer owed an answer before it. */
  void link(PeerRef peer, LinkEvent event, IntConsumer unanswered) {
    // Through the queue, always: events of one link may come on different threads.
    arrived.add(
        () -> {
          unanswered.accept(router.unanswered(peer.id()));
          router.onLink(loop.now(), peer, event);
        });
    if (!lock.isHeldByCurrentThread()) {
      enter(now -> {});
    }
  }

  private void arrivals() {
    for (Runnable next = arrived.poll(); next != null; next = arrived.poll()) {
      next.run();
    }
  }

  void view(RingView view) {
    enter(now -> router.onView(now, view));
  }

  /** What goes with an arc to its next holder; for the thread of the ring. */
  ArcMemory arcMemory() {
    return new ArcMemory() {
      @Override
      public Optional<Copy> copy(Key after, Key upTo, long since, int most) {
        lock.lock();
        try {
          return router.arcMemory(loop.now()).copy(after, upTo, since, most);
        } finally {
          unlockAndTell();
        }
      }

      @Override
      public Optional<byte[]> give(Key after, Key upTo, long since, int most) {
        lock.lock();
        try {
          return router.arcMemory(loop.now()).give(after, upTo, since, most);
        } finally {
          unlockAndTell();
        }
      }

      @Override
      public boolean take(Key after, Key upTo, byte[] memory) {
        lock.lock();
        try {
          return router.arcMemory(loop.now()).take(after, upTo, memory);
        } finally {
          unlockAndTell();
        }
      }
    };
  }

  /** From now on new calls end with CLOSED. */
  void refuseCalls() {
    enter(router::refuseCalls);
  }

  /** From now on messages of others are refused. */
  void refuseMessages() {
    enter(router::refuseMessages);
  }

  /** Ends what is open. */
  void close() {
    enter(router::close);
  }

  /** After the last {@link #close}: ends the threads once they have told everything. */
  void stop() {
    threads.stop();
  }

  /** A thread is stuck in a receiver, which has taken charge of what it was given. */
  void relieve(Thread stuck) {
    for (Teller teller : tellers) {
      teller.relieve(stuck);
    }
  }

  RouterStatistics statistics() {
    lock.lock();
    try {
      return router.statistics();
    } finally {
      lock.unlock();
    }
  }

  private void enter(LongConsumer action) {
    lock.lock();
    try {
      action.accept(loop.now());
    } finally {
      unlockAndTell();
    }
  }

  private void unlockAndTell() {
    int present = 0;
    try {
      arrivals();
    } finally {
      present = due;
      due = 0;
      lock.unlock();
    }
    if (present == 0) {
      return;
    }
    int share = DataThreads.share();
    while (present != 0) {
      tellers[Integer.numberOfTrailingZeros(present)].run(share);
      present &= present - 1;
    }
  }

  private Teller teller(int first, PeerId peer) {
    int index = first + ((int) peer.position().low() & (TELLERS - 1));
    due |= 1 << index;
    return tellers[index];
  }

  @Override
  public OwnershipMode mode(String accessPoint) {
    return mode.apply(accessPoint);
  }

  @Override
  public void deliver(Inbound inbound) {
    teller(0, inbound.envelope().origin()).add(inbound);
  }

  @Override
  public void done(Consumer<Outcome> whenDone, Outcome outcome) {
    teller(OUTCOMES, outcome.peer()).add(whenDone, outcome);
  }

  private final class RouterEffects implements Effects {
    private final SplittableRandom own;
    private final Timers timers = loop.timers(token -> enter(now -> router.onTimer(now, token)));

    RouterEffects(SplittableRandom own) {
      this.own = own;
    }

    @Override
    public PeerRef self() {
      return self.get();
    }

    @Override
    public void send(PeerRef to, WireMessage message) {
      offer(to, message);
    }

    @Override
    public boolean offer(PeerRef to, WireMessage message) {
      return send.test(to, message);
    }

    @Override
    public void timer(long token, long at) {
      timers.set(token, at);
    }

    @Override
    public void cancel(long token) {
      timers.cancel(token);
    }

    @Override
    public void close(PeerRef peer) {
      close.accept(peer);
    }

    @Override
    public SplittableRandom random() {
      return own;
    }
  }
}
