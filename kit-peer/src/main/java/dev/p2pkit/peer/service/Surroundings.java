// What all processors of a peer share.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.Execution;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.ServiceStatus;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What all processors of a peer share.
 *
 * @param config limits and times
 * @param self the peer
 * @param threads where things run
 * @param loaders counts class loaders
 * @param changer runs changes with a time limit
 * @param ledger counts
 * @param files the state files
 * @param committer writes them
 * @param probations which versions are on probation
 * @param load loads a release, on the present thread
 * @param deliveries tells the threads that bring messages apart
 * @param events hears of services
 * @param listener hears of phases
 */
record Surroundings(
    RuntimeConfig config,
    PeerId self,
    Threads threads,
    LoaderWatch loaders,
    Changer changer,
    Ledger ledger,
    StateFiles files,
    Committer committer,
    Probations probations,
    Function<Release, Version> load,
    DeliveryThreads deliveries,
    Consumer<NetworkEvent> events,
    ServiceListener listener) {
  private static final Logger LOG = LoggerFactory.getLogger(ServiceRuntime.class);

  void event(NetworkEvent event) {
    report(() -> events.accept(event));
  }

  void status(ServiceKey key, ServiceStatus.OnPeer status) {
    report(() -> listener.onStatus(key, status));
  }

  /** Deletes what a service has left that has ended and does not run here; blocks. */
  void forget(ServiceKey key, String lineage) {
    boolean state = files.forget(key, lineage);
    boolean probation = probations.forget(key, lineage);
    if (state || probation) {
      ledger.leftOver.increment();
      LOG.info("{} has ended for good; what it had left on this peer was deleted", key);
    }
  }

  /** Goes on without a thread that does not come back from a turn of this kind. */
  void letGo(Thread thread, Execution execution) {
    WorkerPool workers = threads.workers();
    if (workers.owns(thread)) {
      workers.abandon(thread);
    } else if (execution == Execution.VIRTUAL) {
      thread.interrupt();
    } else {
      deliveries.stuck(thread);
    }
  }

  /** In order, and away from the threads that run turns. */
  private void report(Runnable report) {
    threads
        .reports()
        .execute(
            () -> {
              try {
                report.run();
              } catch (RuntimeException e) {
                LOG.error("a listener of the service runtime failed", e);
              }
            });
  }
}
