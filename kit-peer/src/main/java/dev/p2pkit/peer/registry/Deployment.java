// What the registry asks of the peer that runs services.
package dev.p2pkit.peer.registry;

import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.peer.registry.timing.Completion;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.ServiceStatus;
import java.util.Optional;
import java.util.Set;

/**
 * Runs services. Calls come from the registry's thread and must not block; answers come back on
 * that thread. For one access point and instance there is at most one prepare or activate under
 * way, and the archive is in the archive store when prepare is called.
 */
public interface Deployment {
  /** Loads an archive and tries it on a copy of the present state; changes nothing that runs. */
  void prepare(Assignment task, String accessPoint, Completion<Step> done);

  /** Puts what was prepared to use at the next turn boundary. */
  void activate(Assignment task, String accessPoint, Completion<Step> done);

  /** Gives up what was prepared. */
  void discard(Assignment task, String accessPoint);

  /**
   * The owner of a service has lost its name to another: the processor goes on, with its state, at
   * another access point.
   */
  void rename(Assignment task, String from, String to, Completion<Step> done);

  /**
   * Stops what runs, as the end of this peer would: durable state is kept for when it runs again.
   */
  void suspend(Assignment task, String accessPoint);

  /** Ends what runs, and its state goes. */
  void remove(Assignment task, String accessPoint);

  /**
   * A service has ended for good that does not run here, and did perhaps before this process began:
   * what it has left goes. May be said again and again.
   *
   * @param record the end of the service
   */
  void forget(ServiceRecord record);

  /**
   * What really runs there, if that is more than the registry knows: a version that was reverted or
   * stopped since.
   */
  Optional<ServiceStatus.OnPeer> status(String accessPoint, String instance);

  /**
   * Whether other peers have still to get what this one runs. As long as they have, the runtime
   * goes back by itself, also after the time for which it would do so anyway.
   */
  void awaited(Assignment running, String accessPoint, boolean others);

  /**
   * Archives that the runtime may still load from: of what runs there, and of the version before
   * while it may go back to that by itself, also before anything runs.
   */
  Set<String> archivesInUse(String accessPoint, String instance);

  /**
   * How what runs there does, and how the version before it did on this peer; empty if nothing
   * runs.
   */
  Optional<Vitals> vitals(String accessPoint, String instance);

  /**
   * How a processor does.
   *
   * @param phase as in its status
   * @param detail as in its status
   * @param archive what runs, 64 hexadecimal digits; after a revert that of the version before
   * @param now since it runs
   * @param before of the version before it
   */
  record Vitals(
      ServiceStatus.Phase phase, String detail, String archive, Tally now, Tally before) {}

  /**
   * Turns of one version on one peer.
   *
   * @param turns how many have ended
   * @param failed how many of them threw or took too long
   * @param micros how long the others took on average, in microseconds
   */
  record Tally(long turns, long failed, long micros) {
    /** No turn yet. */
    public static final Tally NONE = new Tally(0, 0, 0);
  }

  /** The outcome of a step. */
  sealed interface Step {
    /** Done; the time that messages had to wait, in milliseconds. */
    record Done(long millis) implements Step {}

    /** Not done; what ran before goes on. */
    record Failed(ErrorCode code, String detail) implements Step {}
  }
}
