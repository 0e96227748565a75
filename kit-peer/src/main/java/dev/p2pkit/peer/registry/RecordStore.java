// Where a peer keeps its records between two runs.
package dev.p2pkit.peer.registry;

import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.sdk.Key;
import java.util.List;
import java.util.Optional;

/** Keeps one record of each chain. Calls come from the registry's thread and must not block. */
public interface RecordStore {
  /** What was kept, in a stable order; called once, at the start. */
  List<Kept> load();

  /** Keeps a record in place of the one before it in its chain. */
  void save(Kept kept);

  /** Forgets a chain: its service has ended long ago. */
  void forget(ServiceRecord record);

  /**
   * When this peer last knew that it had what its neighbours have, in milliseconds since 1970; 0 if
   * it never did. Called once, at the start.
   */
  long synchronisedAt();

  /** How often a record could not be kept so far; whoever keeps it tries again. Any thread. */
  long failures();

  /**
   * Why the record of a chain could not be kept the last time, for people; empty if it is kept. Any
   * thread.
   */
  Optional<String> trouble(ServiceRecord record);

  /** Keeps that moment. */
  void synchronised(long wallMillis);

  /**
   * A record and what only this peer knows of it.
   *
   * @param record the record
   * @param grants the grants with which this peer was prepared, latest last; with none, it gets the
   *     archive only if it is sharable
   * @param standing how far this peer has come with the chain's roll-outs
   * @param past the last records of the chain that this peer has seen, the present one included
   */
  record Kept(ServiceRecord record, List<Key> grants, Standing standing, List<ServiceRecord> past) {
    /** Copies the lists. */
    public Kept {
      grants = List.copyOf(grants);
      past = List.copyOf(past);
    }
  }
}
