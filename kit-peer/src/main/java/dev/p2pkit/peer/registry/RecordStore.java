// Where a peer keeps its records between two runs.
package dev.p2pkit.peer.registry;

import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.sdk.Key;
import java.util.List;

/** Keeps one record of each chain. Calls come from the registry's thread and must not block. */
public interface RecordStore {
  /** What was kept, in a stable order; called once, at the start. */
  List<Kept> load();

  /** Keeps a record in place of the one before it in its chain. */
  void save(Kept kept);

  /**
   * A record and what only this peer knows of it.
   *
   * @param record the record
   * @param grants the grants with which this peer was prepared, latest last; with none, it gets the
   *     archive only if it is sharable
   */
  record Kept(ServiceRecord record, List<Key> grants) {
    /** Copies the list. */
    public Kept {
      grants = List.copyOf(grants);
    }
  }
}
