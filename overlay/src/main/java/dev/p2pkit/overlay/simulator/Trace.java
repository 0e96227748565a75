// The fingerprint of a run.
package dev.p2pkit.overlay.simulator;

/** FNV-1a over 64-bit values: two runs with the same value took the same steps. */
final class Trace {
  static final int MESSAGE = 1;
  static final int LINK = 2;
  static final int TIMER = 3;
  static final int VIEW = 4;
  static final int SEND = 5;
  static final int SET_TIMER = 6;
  static final int CANCEL_TIMER = 7;
  static final int CLOSE = 8;
  static final int BYTES = 9;

  private static final long PRIME = 0x100000001b3L;

  private long value = 0xcbf29ce484222325L;

  /** Whether steps are added; a run of a million peers may save the time. */
  boolean on = true;

  void add(long word) {
    if (on) {
      value = (value ^ word) * PRIME;
      // The multiplication carries upwards only; fold the top back in.
      value ^= value >>> 29;
    }
  }

  void add(long time, int peer, int kind, long detail) {
    if (on) {
      add(time);
      add(((long) peer << 8) | kind);
      add(detail);
    }
  }

  long value() {
    return value;
  }
}
