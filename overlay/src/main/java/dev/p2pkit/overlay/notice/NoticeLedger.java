// What a peer knows of notices: the latest about each subject.
package dev.p2pkit.overlay.notice;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The latest genuine notice about each subject, in the order of subjects. Two ledgers that have
 * seen the same notices, in whatever order, are equal.
 */
final class NoticeLedger<N extends Notice> {
  /** More than these are refused: one that takes something back is remembered as well. */
  static final int MOST = 4_096;

  /** How far a signer's clock may be ahead (milliseconds): a later notice must be possible. */
  static final long MOST_AHEAD = 60_000;

  /** What became of a notice. */
  sealed interface Verdict {
    /** It is the latest about its subject now. */
    record Taken() implements Verdict {}

    /** It, or a later one, was known. */
    record Known() implements Verdict {}

    /** It is not obeyed. */
    record Refused(String why) implements Verdict {}
  }

  private final String network;
  private final Optional<byte[]> root;
  private final TreeMap<String, N> notices = new TreeMap<>();
  private long digest;

  /**
   * An empty ledger.
   *
   * @param root the public key that must stand behind a notice; without one none is obeyed
   */
  NoticeLedger(String network, Optional<byte[]> root) {
    this.network = network;
    this.root = root.map(byte[]::clone);
  }

  Verdict take(N notice, long nowMillis) {
    N known = notices.get(notice.subject());
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

  Optional<N> latest(String subject) {
    return Optional.ofNullable(notices.get(subject));
  }

  /** By which two peers see whether they know the same. */
  long digest() {
    return digest;
  }

  List<N> all() {
    return List.copyOf(notices.values());
  }
}
