// The one thread on which the ring, the registry and all other control machines of a peer run.
package dev.p2pkit.overlay.peer;

import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.Machine;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs control machines on one thread, so that none is called twice at once. A machine that throws
 * has a defect: the error is logged, and the peer goes on with the next call.
 */
final class ControlLoop {
  private static final Logger log = LoggerFactory.getLogger(ControlLoop.class);

  private record Hosted(List<WireCodec> codecs, Machine machine, Timers timers) {}

  private final long origin = System.nanoTime();
  private final ScheduledThreadPoolExecutor executor;
  private final List<Hosted> machines = new ArrayList<>();
  private final Supplier<PeerRef> self;
  private final BiPredicate<PeerRef, WireMessage> send;
  private final Consumer<PeerRef> close;
  private final SplittableRandom random;

  final LongAdder received = new LongAdder();
  final LongAdder sent = new LongAdder();
  final LongAdder dropped = new LongAdder();

  ControlLoop(
      String name,
      long seed,
      Supplier<PeerRef> self,
      BiPredicate<PeerRef, WireMessage> send,
      Consumer<PeerRef> close) {
    this.self = self;
    this.send = send;
    this.close = close;
    this.random = new SplittableRandom(seed);
    executor =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "p2pkit-control-" + name);
              thread.setDaemon(true);
              return thread;
            });
    executor.setRemoveOnCancelPolicy(true);
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /** The machines' time: microseconds since this loop was made, never 0. */
  long now() {
    return 1 + TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - origin);
  }

  /** Before {@link #start}: adds a machine and says whose frames it gets. */
  <M extends Machine> M host(List<WireCodec> codecs, Function<Effects, M> make) {
    LoopEffects effects = new LoopEffects(random.split());
    M machine = make.apply(effects);
    effects.timers =
        new Timers(executor, this::now, token -> guarded(now -> machine.onTimer(now, token)));
    machines.add(new Hosted(codecs, machine, effects.timers));
    return machine;
  }

  /** Timers of a machine that runs elsewhere but wakes up on this loop. */
  Timers timers(LongConsumer fire) {
    return new Timers(executor, this::now, fire);
  }

  /** A source of randomness for a machine that runs elsewhere. */
  SplittableRandom random() {
    return random.split();
  }

  List<WireCodec> codecs() {
    return machines.stream().flatMap(hosted -> hosted.codecs.stream()).toList();
  }

  void start() {
    run(now -> machines.forEach(hosted -> hosted.machine.start(now)));
  }

  /** Runs an action on the loop with its time. */
  void run(LongConsumer action) {
    if (!tryRun(action)) {
      log.debug("after the end: {}", action);
    }
  }

  /** As {@link #run}; false if the loop has ended. */
  boolean tryRun(LongConsumer action) {
    try {
      executor.execute(() -> guarded(action));
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  /** Runs a task on the loop after a while. */
  void after(Duration pause, Runnable task) {
    try {
      ScheduledFuture<?> unused =
          executor.schedule(
              () -> guarded(now -> task.run()), pause.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      log.debug("after the end: {}", task);
    }
  }

  private void guarded(LongConsumer action) {
    try {
      action.accept(now());
    } catch (RuntimeException e) {
      log.error("a control machine failed; this is a defect", e);
    }
  }

  void message(PeerRef from, WireMessage message) {
    received.increment();
    run(now -> dispatch(now, from, message));
  }

  private void dispatch(long now, PeerRef from, WireMessage message) {
    for (Hosted hosted : machines) {
      for (WireCodec codec : hosted.codecs) {
        if (codec.handles(message)) {
          hosted.machine.onMessage(now, from, message);
          return;
        }
      }
    }
    log.debug("nobody here reads {}", message.getClass());
  }

  void link(PeerRef peer, LinkEvent event) {
    // Each machine in a call of its own: what one does wrong does not keep the news from the next.
    machines.forEach(hosted -> run(now -> hosted.machine.onLink(now, peer.id(), event)));
  }

  void view(RingView view) {
    machines.forEach(hosted -> run(now -> hosted.machine.onView(now, view)));
  }

  void stop() {
    executor.shutdown();
  }

  private final class LoopEffects implements Effects {
    private final SplittableRandom own;
    private Timers timers = new Timers(executor, ControlLoop.this::now, token -> {});

    LoopEffects(SplittableRandom own) {
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
      if (to.id().equals(self().id())) {
        run(now -> dispatch(now, self(), message));
        return true;
      }
      boolean taken = send.test(to, message);
      (taken ? sent : dropped).increment();
      return taken;
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
