// What bytes are spent on.
package dev.p2pkit.overlay.simulator.scenario;

/** What bytes are spent on. */
public enum Purpose {
  /** Heartbeats, pointers, leases. */
  RING(true),
  /** News of members, comparison of tables, probes. */
  MEMBERSHIP(true),
  /** Admission and the tables a newcomer gets. */
  JOINING(false),
  /** Broadcasts of programs. */
  BROADCAST(false),
  /** Messages of programs, their answers and what keeps them safe. */
  MESSAGES(false);

  private final boolean maintenance;

  Purpose(boolean maintenance) {
    this.maintenance = maintenance;
  }

  /** Whether it is spent when nothing is asked of the network. */
  public boolean maintenance() {
    return maintenance;
  }
}
