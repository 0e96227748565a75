// The services of one peer: prepares, activates and removes them, and brings messages to them.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Network;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.ServiceStatus;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Runs services. Every method may be called from any thread and returns at once; stages complete on
 * a thread of the runtime.
 */
public final class ServiceRuntime implements AutoCloseable {

  /**
   * Starts the threads.
   *
   * @param config limits and times
   * @param self this peer
   * @param directories below which each service gets a directory of its own
   * @param networkForService the network as a service sees it; called once per install or upgrade
   * @param events hears of installed, upgraded and reverted services, on a thread of the runtime
   * @param listener hears of each change of phase
   */
  public ServiceRuntime(
      RuntimeConfig config,
      PeerId self,
      Path directories,
      Function<ServiceKey, Network> networkForService,
      Consumer<NetworkEvent> events,
      ServiceListener listener) {}

  /**
   * Loads a release, calls its maker, and carries a copy of the present state over. Nothing that
   * runs is changed.
   *
   * <p>Fails with {@link ErrorCode#BAD_ARCHIVE}, {@link ErrorCode#VERSION_SKEW} (it needs a newer
   * P2PKit or Java) or {@link ErrorCode#MIGRATION_FAILED}.
   */
  public CompletableFuture<Prepared> prepare(Release release) {
    return CompletableFuture.failedFuture(new KitException(ErrorCode.NOT_READY, "not there yet"));
  }

  /**
   * Puts a prepared release to use when the present turn has ended. Messages wait meanwhile; none
   * is lost or processed twice. If the state cannot be carried over after all, it fails with {@link
   * ErrorCode#MIGRATION_FAILED} and the version before goes on.
   */
  public CompletableFuture<Activation> activate(Prepared prepared) {
    return CompletableFuture.failedFuture(new KitException(ErrorCode.NOT_READY, "not there yet"));
  }

  /** Gives a prepared release up. */
  public void discard(Prepared prepared) {}

  /**
   * Ends a processor when its present turn has ended; what waits for it fails with {@link
   * ErrorCode#NO_SUCH_SERVICE}.
   */
  public void remove(ServiceKey key) {}

  /** Whether a processor runs, or is stopped, at this access point. */
  public boolean has(String accessPoint) {
    return false;
  }

  /** The epoch that runs; 0 if none does. After a revert, that of the version that is back. */
  public long epochOf(ServiceKey key) {
    return 0;
  }

  /**
   * The newest epoch that was reverted here and must not be activated again; empty if none was
   * since the last good activation.
   */
  public Optional<Long> revertedEpoch(ServiceKey key) {
    return Optional.empty();
  }

  /**
   * Brings a message to every processor at its access point. Fails it with {@link
   * ErrorCode#NO_SUCH_ACCESS_POINT} if there is none.
   */
  public void deliver(Incoming incoming) {
    incoming.fail(ErrorCode.NO_SUCH_ACCESS_POINT, "not there yet");
  }

  /** What this peer runs, stopped ones included. */
  public Map<ServiceKey, ServiceStatus.OnPeer> status() {
    return Map.of();
  }

  /** The dead letters that are kept, oldest first. */
  public List<DeadLetter> deadLetters() {
    return List.of();
  }

  /** The counters. */
  public RuntimeStatistics statistics() {
    return new RuntimeStatistics(0, 0, 0, 0, 0, 0, 0);
  }

  /** Ends all services; what waits for them fails with {@link ErrorCode#CLOSED}. */
  @Override
  public void close() {}
}
