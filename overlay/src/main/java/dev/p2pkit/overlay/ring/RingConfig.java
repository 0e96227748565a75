// The numbers of the ring, with their defaults.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.broadcast.BroadcastConfig;
import dev.p2pkit.overlay.lease.LeaseConfig;
import java.util.function.Consumer;

/**
 * The numbers of the ring. Times are in microseconds.
 *
 * @param successors how many peers after it a peer keeps in its list; with half of all peers dead,
 *     16 leave one peer in 65,536 without any
 * @param predecessors how many peers before it a peer keeps
 * @param fullMeshUpTo up to how many peers the lists are computed from the member set; Zave's base
 *     of the proof needs one more than {@code successors}. 0 switches this off, for checks of the
 *     bare rules on few peers: a ring that grows from one peer that way has no proven base
 * @param heartbeat how often a peer asks its successor for its list, which is also the sign of life
 *     for both
 * @param suspicion after how long a silence of a neighbour it is investigated
 * @param answer how long to wait for an answer before asking again
 * @param tries how often a question is asked before the one asked is investigated
 * @param witnesses how many others are asked whether they can reach a silent peer
 * @param digest how often the membership table is compared with that of a random peer
 * @param joinLimit for how long a joining peer tries
 * @param admission how long an admitted peer may take to confirm before the next is admitted
 * @param leaveLimit how long a leaving peer waits for others to take over
 * @param viewPause the shortest time between two views of which only the membership differs
 * @param memory how long a dead or departed peer is remembered, so that old news does not revive it
 * @param broadcast the numbers of the broadcast that carries membership events
 * @param lease the numbers of leased ownership
 * @param ladder the budget of the routing table
 * @param detector the numbers of failure detection
 * @param merge how rings that were cut apart find each other
 * @param limits what one peer grants others at most
 */
public record RingConfig(
    int successors,
    int predecessors,
    int fullMeshUpTo,
    long heartbeat,
    long suspicion,
    long answer,
    int tries,
    int witnesses,
    long digest,
    long joinLimit,
    long admission,
    long leaveLimit,
    long viewPause,
    long memory,
    BroadcastConfig broadcast,
    LeaseConfig lease,
    LadderConfig ladder,
    DetectorConfig detector,
    MergeConfig merge,
    LimitsConfig limits) {

  /** What all peers use unless told otherwise. */
  public static final RingConfig DEFAULT =
      new RingConfig(
          16,
          8,
          17,
          1_000_000,
          3_000_000,
          400_000,
          3,
          3,
          5_000_000,
          15_000_000,
          2_000_000,
          2_000_000,
          100_000,
          600_000_000,
          BroadcastConfig.DEFAULT,
          LeaseConfig.DEFAULT,
          LadderConfig.DEFAULT,
          DetectorConfig.DEFAULT,
          MergeConfig.DEFAULT,
          LimitsConfig.DEFAULT);

  /** Faster heartbeats for networks whose round trip is a few milliseconds, and for tests. */
  public static final RingConfig FAST =
      new RingConfig(
          16,
          8,
          17,
          250_000,
          1_000_000,
          200_000,
          3,
          3,
          1_000_000,
          15_000_000,
          1_000_000,
          1_000_000,
          20_000,
          600_000_000,
          BroadcastConfig.DEFAULT,
          new LeaseConfig(1_250_000, 10, true),
          LadderConfig.DEFAULT,
          DetectorConfig.FAST,
          MergeConfig.DEFAULT,
          LimitsConfig.DEFAULT);

  public RingConfig {
    if (successors < 1 || successors > 64 || predecessors < 1 || predecessors > 64) {
      throw new IllegalArgumentException("a list of neighbours has 1 to 64 places");
    }
    if (fullMeshUpTo != 0 && fullMeshUpTo <= successors) {
      throw new IllegalArgumentException(
          "the full mesh must reach to more than "
              + successors
              + " peers, or the ring starts without a proven base");
    }
    if (heartbeat <= 0
        || suspicion <= heartbeat
        || answer <= 0
        || digest <= 0
        || joinLimit <= 0
        || admission <= 0
        || leaveLimit <= 0
        || viewPause < 0
        || memory <= 0) {
      throw new IllegalArgumentException(
          "times are positive, and suspicion longer than a heartbeat");
    }
    if (tries < 1 || witnesses < 1) {
      throw new IllegalArgumentException("at least one try and one witness are needed");
    }
  }

  /** The same with lists of other lengths, and another size of the full mesh (0: none). */
  public RingConfig withLists(int otherSuccessors, int otherPredecessors, int otherMesh) {
    return with(
        other -> {
          other.successors = otherSuccessors;
          other.predecessors = otherPredecessors;
          other.fullMeshUpTo = otherMesh;
        });
  }

  /** The same with other numbers of the broadcast. */
  public RingConfig withBroadcast(BroadcastConfig value) {
    return with(other -> other.broadcast = value);
  }

  /** The same with other leases. */
  public RingConfig withLease(LeaseConfig value) {
    return with(other -> other.lease = value);
  }

  /** The same with another budget. */
  public RingConfig withLadder(LadderConfig value) {
    return with(other -> other.ladder = value);
  }

  /** The same with another failure detection. */
  public RingConfig withDetector(DetectorConfig value) {
    return with(other -> other.detector = value);
  }

  /** The same with another way to find lost peers. */
  public RingConfig withMerge(MergeConfig value) {
    return with(other -> other.merge = value);
  }

  /** The same with other limits. */
  public RingConfig withLimits(LimitsConfig value) {
    return with(other -> other.limits = value);
  }

  private RingConfig with(Consumer<Draft> change) {
    Draft other = new Draft(this);
    change.accept(other);
    return other.config();
  }

  /** The components, to be changed one by one. */
  private static final class Draft {
    private int successors;
    private int predecessors;
    private int fullMeshUpTo;
    private long heartbeat;
    private long suspicion;
    private long answer;
    private int tries;
    private int witnesses;
    private long digest;
    private long joinLimit;
    private long admission;
    private long leaveLimit;
    private long viewPause;
    private long memory;
    private BroadcastConfig broadcast;
    private LeaseConfig lease;
    private LadderConfig ladder;
    private DetectorConfig detector;
    private MergeConfig merge;
    private LimitsConfig limits;

    Draft(RingConfig from) {
      successors = from.successors;
      predecessors = from.predecessors;
      fullMeshUpTo = from.fullMeshUpTo;
      heartbeat = from.heartbeat;
      suspicion = from.suspicion;
      answer = from.answer;
      tries = from.tries;
      witnesses = from.witnesses;
      digest = from.digest;
      joinLimit = from.joinLimit;
      admission = from.admission;
      leaveLimit = from.leaveLimit;
      viewPause = from.viewPause;
      memory = from.memory;
      broadcast = from.broadcast;
      lease = from.lease;
      ladder = from.ladder;
      detector = from.detector;
      merge = from.merge;
      limits = from.limits;
    }

    RingConfig config() {
      return new RingConfig(
          successors,
          predecessors,
          fullMeshUpTo,
          heartbeat,
          suspicion,
          answer,
          tries,
          witnesses,
          digest,
          joinLimit,
          admission,
          leaveLimit,
          viewPause,
          memory,
          broadcast,
          lease,
          ladder,
          detector,
          merge,
          limits);
    }
  }
}
