// What the registries of two peers say to each other.
package dev.p2pkit.peer.registry;

import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.ServiceStatus;
import java.util.List;

/** The frames of the registry. */
sealed interface RegistryMessage extends WireMessage {

  /**
   * The first step of a comparison.
   *
   * @param digest over all records
   * @param health over all reports on staged roll-outs
   */
  record Digest(long digest, long health) implements RegistryMessage {}

  /** The digests of the buckets: said when the digests differ. */
  record Buckets(List<Long> digests) implements RegistryMessage {
    public Buckets {
      digests = List.copyOf(digests);
    }
  }

  /**
   * What the sender has in some buckets; asks for what it lacks.
   *
   * @param sync not 0 if the end of the answer must be marked with it
   * @param buckets a bit for each bucket that is meant
   */
  record Inventory(long sync, long buckets, List<Item> items) implements RegistryMessage {
    public Inventory {
      items = List.copyOf(items);
    }
  }

  /** A record that the sender has. */
  record Item(long chain, int generation, long epoch, String hash) {}

  /** Asks for records by hash. */
  record Want(List<String> hashes) implements RegistryMessage {
    public Want {
      hashes = List.copyOf(hashes);
    }
  }

  /** Asks for the records at an access point. */
  record Pull(long sync, String accessPoint) implements RegistryMessage {}

  /**
   * Records.
   *
   * @param sync of the inventory or pull that this answers; 0 for none
   * @param last whether the answer ends here
   * @param caughtUp whether the sender itself has compared its records with a neighbour's
   * @param health as in {@link Digest}
   */
  record Records(
      long sync, boolean last, boolean caughtUp, long health, List<ServiceRecord> records)
      implements RegistryMessage {
    public Records {
      records = List.copyOf(records);
    }
  }

  /**
   * Asks a peer to prepare.
   *
   * @param rollout never 0; unique at the peer that asks
   * @param life how long the preparation is worth keeping, in microseconds
   * @param holders peers that have the archive
   */
  record Prepare(long rollout, ServiceRecord record, Key grant, long life, List<PeerRef> holders)
      implements RegistryMessage {
    public Prepare {
      holders = List.copyOf(holders);
    }
  }

  /** The peer has taken the task. */
  record Accepted(long rollout) implements RegistryMessage {}

  /** The peer is ready to switch. */
  record Prepared(long rollout) implements RegistryMessage {}

  /** The peer cannot, and why. */
  record Refused(long rollout, ErrorCode code, String detail) implements RegistryMessage {}

  /** The record is in force. */
  record Commit(long rollout) implements RegistryMessage {}

  /** Nothing came of it. */
  record Abort(long rollout) implements RegistryMessage {}

  /** The peer has switched, or failed to. */
  record Active(
      long rollout,
      ServiceStatus.Phase phase,
      long epoch,
      String version,
      String archive,
      long millis,
      String detail)
      implements RegistryMessage {}

  /** Asks what runs; an empty access point means all. */
  record StatusRequest(long query, String accessPoint) implements RegistryMessage {}

  /** What runs. */
  record StatusReply(long query, List<Row> rows) implements RegistryMessage {
    public StatusReply {
      rows = List.copyOf(rows);
    }
  }

  /**
   * Reports on staged roll-outs.
   *
   * @param complete whether {@code known} is all that the sender has; then it is told what it lacks
   * @param known which reports the sender has
   * @param wanted which it would like to have, without stamps
   * @param reports some
   */
  record Health(
      boolean complete, List<HealthItem> known, List<HealthItem> wanted, List<HealthReport> reports)
      implements RegistryMessage {
    public Health {
      known = List.copyOf(known);
      wanted = List.copyOf(wanted);
      reports = List.copyOf(reports);
    }
  }

  /** The report of a peer on a chain, made at {@code stamp}. */
  record HealthItem(long chain, PeerId peer, long stamp) {
    /** The same report, whenever it was made. */
    HealthItem unstamped() {
      return new HealthItem(chain, peer, 0);
    }
  }

  /** One service on one peer; the status has that peer alone in its list. */
  record Row(ServiceStatus status) {}
}
