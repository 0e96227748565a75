// A runtime with a network of its own, for tests.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.ServiceStatus;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/** One peer's services. */
final class Rig implements AutoCloseable {
  static final ServiceKey KEY = new ServiceKey("svc", "1");

  final ConcurrentLinkedQueue<NetworkEvent> events = new ConcurrentLinkedQueue<>();
  final ConcurrentLinkedQueue<ServiceStatus.OnPeer> phases = new ConcurrentLinkedQueue<>();
  final LoopNetwork network;
  final ServiceRuntime runtime;

  /** Threads that may run turns besides those of the runtime; all, unless told otherwise. */
  volatile Predicate<Thread> eventLoops = thread -> true;

  final ConcurrentLinkedQueue<Thread> stuck = new ConcurrentLinkedQueue<>();
  private final DeliveryThreads threads =
      new DeliveryThreads() {
        @Override
        public boolean mayRunTurns() {
          return eventLoops.test(Thread.currentThread());
        }

        @Override
        public void stuck(Thread thread) {
          stuck.add(thread);
        }
      };
  private final Path archives;
  private final AtomicLong epochs = new AtomicLong();

  Rig(Path directory, RuntimeConfig config) {
    this(directory, config, new StateFiles(directory.resolve("state"), Long.MAX_VALUE));
  }

  Rig(Path directory, RuntimeConfig config, StateFiles files) {
    archives = directory;
    network = new LoopNetwork(incoming -> deliver(incoming));
    runtime =
        new ServiceRuntime(
            config,
            Call.HERE,
            Map.of("site", "lab"),
            directory.resolve("services"),
            files,
            key -> network,
            threads,
            events::add,
            (key, status) -> phases.add(status));
  }

  private void deliver(Incoming incoming) {
    runtime.deliver(incoming);
  }

  Release release(ServiceKey key, Archive archive) {
    return ServiceJar.release(key, epochs.incrementAndGet(), archive, archives);
  }

  Activation install(ServiceKey key, Archive archive) {
    Prepared prepared =
        runtime.prepare(release(key, archive)).orTimeout(30, TimeUnit.SECONDS).join();
    return runtime.activate(prepared).orTimeout(30, TimeUnit.SECONDS).join();
  }

  Activation install(ServiceJar jar) {
    return install(KEY, jar.build());
  }

  KitException refusal(Archive archive) {
    try {
      runtime.prepare(release(KEY, archive)).orTimeout(30, TimeUnit.SECONDS).join();
      throw new AssertionError("it was accepted");
    } catch (CompletionException e) {
      return KitException.from(e);
    }
  }

  Call rpc(Object body) {
    return deliver(Call.rpc("svc", body));
  }

  Call send(Object body) {
    return deliver(Call.send("svc", body));
  }

  Call deliver(Call call) {
    runtime.deliver(call);
    return call;
  }

  ServiceStatus.OnPeer status() {
    return runtime.status().get(KEY);
  }

  @Override
  public void close() {
    runtime.close();
  }
}
