// What is in use of one service on this peer: its version, under which name, in which phase.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.ServiceStatus;
import dev.p2pkit.sdk.ServiceStatus.Phase;

/**
 * The version of a service that is in use, the name by which it is reached, and the phase it is in.
 * Each of them for anybody to read, and changed by the owner of the processor only.
 */
final class Incumbent {
  private final Surroundings surroundings;
  private volatile ServiceKey key;
  private volatile Version version;
  private volatile ServiceStatus.OnPeer status;

  /** Nobody is told of its phase, {@link Phase#ACTIVE}, before {@link #enter}. */
  Incumbent(Surroundings surroundings, Version version) {
    this.surroundings = surroundings;
    this.key = version.release().key();
    this.version = version;
    this.status = describe(surroundings, version, Phase.ACTIVE, 0, "");
  }

  ServiceKey key() {
    return key;
  }

  /** It is reached under another name from now on. */
  void rename(ServiceKey other) {
    key = other;
  }

  Version version() {
    return version;
  }

  /** Another version is in use from now on; its phase is said by {@link #enter}. */
  void become(Version next) {
    version = next;
  }

  ServiceStatus.OnPeer status() {
    return status;
  }

  /**
   * Enters a phase, and tells the listener of the runtime.
   *
   * @param millis how long the change took; 0 if it was none of version
   * @param detail why, for the operator; empty if all is well
   */
  void enter(Phase phase, long millis, String detail) {
    status = describe(surroundings, version, phase, millis, detail);
    surroundings.status(key, status);
  }

  private static ServiceStatus.OnPeer describe(
      Surroundings surroundings, Version version, Phase phase, long millis, String detail) {
    return new ServiceStatus.OnPeer(
        surroundings.self(),
        phase,
        version.release().epoch(),
        version.manifest().version(),
        version.release().archiveHash(),
        millis,
        detail,
        0);
  }
}
