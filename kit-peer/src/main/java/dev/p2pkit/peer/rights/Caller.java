// In whose name messages leave a peer.
package dev.p2pkit.peer.rights;

import dev.p2pkit.client.record.ServiceRecord;

/** Asked for each message to a restricted service: must be quick and know the present moment. */
@FunctionalInterface
public interface Caller {
  /** Has no right anywhere. */
  Caller NOBODY = record -> false;

  /**
   * Whether it may call a restricted service now.
   *
   * @param record what is in force
   */
  boolean may(ServiceRecord record);

  /** May what one of the two may. */
  default Caller or(Caller other) {
    return record -> may(record) || other.may(record);
  }
}
