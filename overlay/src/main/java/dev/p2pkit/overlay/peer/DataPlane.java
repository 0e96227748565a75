// The router of a peer on real threads: callers and event loops use it directly, under one lock.
package dev.p2pkit.overlay.peer;

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
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drives the {@link Router} from any thread. What the router tells its host is put into a queue
 * under the lock and run after it, by one thread at a time: so the order is kept, a callback may
 * start the next call, and nobody waits for a turn while holding the lock.
 */
final class DataPlane implements RouterListener {
  private static final Logger log = LoggerFactory.getLogger(DataPlane.class);

  private final ControlLoop loop;
  private final Supplier<PeerRef> self;
  private final BiPredicate<PeerRef, WireMessage> send;
  private final Consumer<PeerRef> close;
  private final Consumer<Inbound> receiver;
  private final ReentrantLock lock = new ReentrantLock();
  private final ConcurrentLinkedQueue<Runnable> told = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean telling = new AtomicBoolean();
  private final Router router;

  final LongAdder delivered = new LongAdder();
  final LongAdder sent = new LongAdder();

  DataPlane(
      RouterConfig config,
      ControlLoop loop,
      Supplier<PeerRef> self,
      BiPredicate<PeerRef, WireMessage> send,
      Consumer<PeerRef> close,
      Consumer<Inbound> receiver) {
    this.loop = loop;
    this.self = self;
    this.send = send;
    this.close = close;
    this.receiver = receiver;
    this.router = new Router(config, new RouterEffects(loop.random()), this);
  }

  void start() {
    enter(() -> router.start(loop.now()));
  }

  long open(Draft draft, Consumer<Outcome> whenDone) {
    long id;
    lock.lock();
    try {
      id = router.open(loop.now(), draft, whenDone);
    } finally {
      lock.unlock();
    }
    tell();
    return id;
  }

  boolean reply(long id, Outcome.Replied reply) {
    boolean open;
    lock.lock();
    try {
      open = router.reply(loop.now(), id, reply);
    } finally {
      lock.unlock();
    }
    tell();
    return open;
  }

  void complete(Inbound inbound, Outcome outcome) {
    enter(() -> router.complete(loop.now(), inbound, outcome));
  }

  void message(PeerRef from, WireMessage message) {
    enter(() -> router.onMessage(loop.now(), from, message));
  }

  void link(PeerRef peer, LinkEvent event) {
    enter(() -> router.onLink(loop.now(), peer.id(), event));
  }

  void view(RingView view) {
    enter(() -> router.onView(loop.now(), view));
  }

  private void enter(Runnable action) {
    lock.lock();
    try {
      action.run();
    } finally {
      lock.unlock();
    }
    tell();
  }

  private void tell() {
    // Whoever finds the queue unattended empties it; the check after the release catches what came
    // in between.
    while (!told.isEmpty() && telling.compareAndSet(false, true)) {
      try {
        for (Runnable next = told.poll(); next != null; next = told.poll()) {
          run(next);
        }
      } finally {
        telling.set(false);
      }
    }
  }

  private static void run(Runnable next) {
    try {
      next.run();
    } catch (RuntimeException e) {
      log.error("a receiver of the data plane failed; this is a defect", e);
    }
  }

  @Override
  public void deliver(Inbound inbound) {
    delivered.increment();
    told.add(() -> receiver.accept(inbound));
  }

  @Override
  public void done(Consumer<Outcome> whenDone, Outcome outcome) {
    told.add(() -> whenDone.accept(outcome));
  }

  private final class RouterEffects implements Effects {
    private final SplittableRandom own;
    private final Timers timers =
        loop.timers(token -> enter(() -> router.onTimer(loop.now(), token)));

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
      sent.increment();
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
