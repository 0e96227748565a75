// What one peer runs of a record: in a staged roll-out not every peer runs the edition it names.
package dev.p2pkit.peer.registry;

import dev.p2pkit.client.record.Edition;
import dev.p2pkit.client.record.ServiceRecord;

/**
 * A record in force and the edition that this peer is to run of it: the record's own, or what was
 * before while the peer's wave is closed or after the peer has reverted.
 *
 * @param record what is in force
 * @param edition what runs here
 */
public record Assignment(ServiceRecord record, Edition edition) {
  /** The record's own edition. */
  static Assignment target(ServiceRecord record) {
    return new Assignment(record, record.edition());
  }

  /** The SHA-256 of the archive that runs, 64 hexadecimal digits. */
  public String archive() {
    return edition.archive();
  }

  /** The epoch of the record. */
  public long epoch() {
    return record.epoch();
  }

  /** The instance. */
  public String instance() {
    return record.instance();
  }

  @Override
  public String toString() {
    return record.name()
        + "/"
        + record.instance()
        + " epoch "
        + record.epoch()
        + " ("
        + edition.version()
        + ")";
  }
}
