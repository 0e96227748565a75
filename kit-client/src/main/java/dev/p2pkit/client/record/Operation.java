// What a record asks of the peers that it is for.
package dev.p2pkit.client.record;

import dev.p2pkit.overlay.machine.WireException;

/** What a record asks for. Its {@link #code} stands for it in the canonical form. */
public enum Operation {
  /** Run the edition, each peer when its wave is open. */
  RUN(1),
  /** Run nothing under this name any more; the state goes. */
  WITHDRAW(2),
  /**
   * Run the edition, which ran before. A peer that cannot carry its state back takes the one from
   * before the upgrade, and the turns since are lost.
   */
  GO_BACK(3);

  private final int code;

  Operation(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }

  static Operation of(int code) {
    for (Operation each : values()) {
      if (each.code == code) {
        return each;
      }
    }
    throw new WireException("a service record with the unknown operation " + code);
  }
}
