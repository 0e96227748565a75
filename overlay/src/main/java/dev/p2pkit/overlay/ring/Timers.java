// The timer tokens of the ring.
package dev.p2pkit.overlay.ring;

/** The timer tokens of the ring; the broadcast machine has its own. */
final class Timers {
  static final long HEARTBEAT = 1;
  static final long STABILISE = 2;
  static final long DETECT = 3;
  static final long JOIN = 4;
  static final long VIEW = 5;
  static final long LEAVE = 6;
  static final long EVENTS = 7;
  static final long LEASE = 8;
  static final long MERGE = 9;
  static final long DEATHS = 10;

  private Timers() {}
}
