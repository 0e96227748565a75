// What the owner of a service can say after an install.
package dev.p2pkit.sdk;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * An owner's hold on one instance of a service. Each call signs the next record of the service with
 * the owner's key and fails with {@link ErrorCode#UNAUTHORISED} if that is another's. Thread-safe.
 */
public interface ServiceControl {
  /**
   * Stops a staged roll-out: no further wave opens, and peers that have the new version keep it.
   * Fails with {@link ErrorCode#NOT_UPGRADEABLE} if what is in force has no waves.
   */
  CompletableFuture<UpdateReport> pause();

  /**
   * Takes {@link #pause} back: each wave opens when its time has come and those before do well, as
   * if there had been no pause. Nothing is opened by hand, unlike with {@link #promote}. Fails with
   * {@link ErrorCode#NOT_UPGRADEABLE} if what is in force has no waves or is not paused.
   */
  CompletableFuture<UpdateReport> resume();

  /**
   * Opens the next wave of a staged roll-out, whatever its time and the health of those before; a
   * paused one goes on. Waves after it that open by themselves keep their distance from now. Fails
   * as {@link #pause}.
   */
  CompletableFuture<UpdateReport> promote();

  /** Opens all waves. Fails as {@link #pause}. */
  CompletableFuture<UpdateReport> promoteAll();

  /**
   * Goes back to the version before, on all peers, with the state carried back. During a staged
   * roll-out that is what the peers run whose wave is closed.
   *
   * <p>Fails with {@link ErrorCode#BAD_ARCHIVE} if the network knows no version before, and as
   * {@link ServiceHandle#update}.
   */
  CompletableFuture<UpdateReport> rollback();

  /** Goes back to the latest record with this version. Fails as {@link #rollback()}. */
  CompletableFuture<UpdateReport> rollbackTo(String version);

  /**
   * As {@link #rollback}, at any price: a peer whose state cannot be carried back takes the one
   * from before the upgrade, if it still has it, and its turns since are lost. Its status says how
   * many.
   *
   * @param version the version to go back to; the one before if empty
   */
  CompletableFuture<UpdateReport> rollbackDiscardingSince(Optional<String> version);

  /**
   * Ends the service: its processors stop on all peers and their state goes. Its name stays taken
   * for 30 days, in which only the same owner can install it again.
   */
  CompletableFuture<UpdateReport> withdraw();

  /**
   * A service ticket: the line with which somebody else may do something with this service.
   *
   * @param rights what; at least one thing
   * @param validity for how long, from now on
   */
  CompletableFuture<String> ticket(Set<ServiceRight> rights, Duration validity);

  /**
   * Ends all tickets of the service, and what was handed on with them, at each peer when it hears
   * of it.
   */
  CompletableFuture<UpdateReport> revoke();

  /** The last records of the service that the asked peer has seen, the latest first. */
  CompletableFuture<List<Revision>> history();
}
