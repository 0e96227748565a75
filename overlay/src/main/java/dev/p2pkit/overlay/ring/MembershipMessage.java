// How peers compare their membership tables and find out who is alive.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.sdk.Key;
import java.util.BitSet;
import java.util.List;

/** A message about who is a member and who is alive. */
sealed interface MembershipMessage extends WireMessage {

  /** What its bytes are spent on. */
  default Purpose purpose() {
    return Purpose.DETECTION;
  }

  /** A message about who is a member. */
  sealed interface AboutMembers extends MembershipMessage {
    @Override
    default Purpose purpose() {
      return Purpose.MEMBERSHIP;
    }
  }

  /** "My table is like this." */
  record HashOffer(TableNotice table) implements AboutMembers {}

  /**
   * "These are the hashes of some of my blocks."
   *
   * @param bits the ring has 2^bits blocks
   * @param first the block that the first bit stands for
   * @param blocks which blocks, at most {@link Coverage#MOST_BLOCKS}
   * @param hashes of these, in their order, each {@link #folded}
   * @param settled whether blocks in which something has changed lately are left out, and are to be
   *     left out by the receiver: news of that are still on their way
   */
  @SuppressWarnings("ArrayRecordComponent") // made for one message and compared by nobody
  record BlockHashes(int bits, int first, BitSet blocks, int[] hashes, boolean settled)
      implements AboutMembers {
    /** Half of a hash is enough to see a difference: one in four thousand million is missed. */
    static int folded(long hash) {
      return (int) (hash ^ hash >>> Integer.SIZE);
    }

    int block(int place) {
      return first + place & (1 << bits) - 1;
    }
  }

  /**
   * "This is whom I know in these blocks."
   *
   * @param bits the ring has 2^bits blocks
   * @param first the block that the first bit stands for
   * @param complete the blocks of which this is everybody I know alive; the receiver answers with
   *     what it knows beyond
   */
  record Records(int bits, int first, BitSet complete, List<MemberNews> news)
      implements AboutMembers {
    int block(int place) {
      return first + place & (1 << bits) - 1;
    }
  }

  /**
   * "This has happened; tell those behind you."
   *
   * @param sequence comes back in the acknowledgement
   * @param direction which way round it travels
   * @param begins whether the receiver is to spread it as if it had seen it itself
   */
  record Events(int sequence, EventLanes.Direction direction, boolean begins, List<Told> told)
      implements AboutMembers {}

  /**
   * A piece of news, and who is left to whoever hears it: all it knows between itself and an end.
   *
   * @param end of the part of the ring that is left to the receiver; see {@link Stretch}
   */
  record Told(MemberNews news, int end) {}

  /** "I will." */
  record EventsTaken(int sequence) implements AboutMembers {}

  /**
   * "Are you there, and whom do you know there?"
   *
   * @param near around which place
   * @param count how many to name, 0 to {@link Contacts#MOST_NAMED}
   */
  record ContactRequest(long nonce, Key near, int count) implements MembershipMessage {
    @Override
    public Purpose purpose() {
      return Purpose.CONTACTS;
    }
  }

  /** "I am, and these." */
  record ContactAnswer(long nonce, List<PeerRef> named) implements MembershipMessage {
    @Override
    public Purpose purpose() {
      return Purpose.CONTACTS;
    }
  }

  /** "Are you there?" */
  record Probe(long nonce) implements MembershipMessage {}

  /** "I am." */
  record ProbeAnswer(long nonce) implements MembershipMessage {}

  /** "Can you reach this peer?" */
  record WitnessRequest(long nonce, PeerRef about) implements MembershipMessage {}

  /** What a witness found. */
  record WitnessAnswer(long nonce, PeerRef about, Finding finding) implements MembershipMessage {}

  /** What a witness found. */
  enum Finding {
    /** It answered. */
    ALIVE,
    /** It did not answer in time. */
    SILENT,
    /** Its host says that nobody listens, or it has told that it left. */
    GONE,
    /** The witness is in trouble itself, or has done enough for the one that asks. */
    UNSURE
  }
}
