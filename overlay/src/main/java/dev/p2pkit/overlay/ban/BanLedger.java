// What a peer knows of bans: the latest notice about each peer.
package dev.p2pkit.overlay.ban;

import dev.p2pkit.sdk.PeerId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The latest genuine notice about each peer, in the order of their ids. Two ledgers that have seen
 * the same notices, in whatever order, are equal.
 */
final class BanLedger {
  /** More than these are refused: a lifted ban is remembered as well as one that holds. */
  static final int MOST = 4_096;

  /** How far a signer's clock may be ahead (milliseconds): a later notice must be possible. */
  static final long MOST_AHEAD = 60_000;

  /** What became of a notice. */
  sealed interface Verdict {
    /** It is the latest about its peer now. */
    record Taken() implements Verdict {}

    /** It, or a later one, was known. */
    record Known() implements Verdict {}

    /** It is not obeyed. */
    record Refused(String why) implements Verdict {}
  }

  private final String network;
  private final Optional<byte[]> root;
  private final TreeMap<PeerId, BanNotice> notices = new TreeMap<>();
  private long digest;

  /**
   * An empty ledger.
   *
   * @param root the public key that must stand behind a notice; without one none is obeyed
   */
  BanLedger(String network, Optional<byte[]> root) {
    this.network = network;
    this.root = root.map(byte[]::clone);
  }

  Verdict take(BanNotice notice, long nowMillis) {
    BanNotice known = notices.get(notice.subject());
    if (known != null && !notice.supersedes(known)) {
      return new Verdict.Known();
    }
    if (root.isEmpty()) {
      return new Verdict.Refused(
          "this peer knows no network root; start it with --certificate or --root-key");
    }
    if (notice.issued().isAfter(Instant.ofEpochMilli(nowMillis + MOST_AHEAD))) {
      return new Verdict.Refused("it is dated in the future; set the clock of who signed it");
    }
    Optional<String> objection = notice.objection(network, root.get());
    if (objection.isPresent()) {
      return new Verdict.Refused(objection.get());
    }
    if (known == null && notices.size() >= MOST) {
      return new Verdict.Refused("there are " + MOST + " notices already");
    }
    notices.put(notice.subject(), notice);
    digest ^= notice.hash() ^ (known == null ? 0 : known.hash());
    return new Verdict.Taken();
  }

  /** Whether any notice can be obeyed. */
  boolean canObey() {
    return root.isPresent();
  }

  boolean isBanned(PeerId peer) {
    BanNotice notice = notices.get(peer);
    return notice != null && !notice.lifted();
  }

  /** By which two peers see whether they know the same. */
  long digest() {
    return digest;
  }

  List<BanNotice> all() {
    return List.copyOf(notices.values());
  }
}
