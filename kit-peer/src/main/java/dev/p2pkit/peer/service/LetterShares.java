// How much of the room for dead letters each service takes, and within it each sender.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.Source;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * Chooses which dead letter is forgotten for lack of room: of the service that takes most of it the
 * oldest of the sender of which most is there. So whoever makes one service give up messages
 * without end pushes out neither those of other services nor those of others who send to it. Not
 * thread-safe.
 */
final class LetterShares {
  private final Map<ServiceKey, Share> shares = new HashMap<>();

  private static final class Share {
    final Map<Source, NavigableSet<Long>> bySource = new HashMap<>();
    long letters;
    long bytes;

    long oldest() {
      return bySource.values().stream().mapToLong(NavigableSet::first).min().orElseThrow();
    }
  }

  void add(DeadLetter letter) {
    Share share = shares.computeIfAbsent(letter.service(), any -> new Share());
    share.letters++;
    share.bytes += letter.bytes();
    boolean added =
        share
            .bySource
            .computeIfAbsent(letter.message().source(), any -> new TreeSet<>())
            .add(letter.number());
    if (!added) {
      throw new IllegalStateException("dead letter " + letter.number() + " is there already");
    }
  }

  void remove(DeadLetter letter) {
    Share share = shares.get(letter.service());
    Source source = letter.message().source();
    NavigableSet<Long> numbers = share == null ? null : share.bySource.get(source);
    if (share == null || numbers == null || !numbers.remove(letter.number())) {
      throw new IllegalStateException("dead letter " + letter.number() + " is not there");
    }
    share.letters--;
    share.bytes -= letter.bytes();
    if (numbers.isEmpty()) {
      share.bySource.remove(source);
    }
    if (share.bySource.isEmpty()) {
      shares.remove(letter.service());
    }
  }

  /**
   * The letter that is to go; there must be one.
   *
   * @param forBytes whether bytes are lacking, else there are too many letters
   */
  long next(boolean forBytes) {
    Comparator<Share> size =
        Comparator.comparingLong(share -> forBytes ? share.bytes : share.letters);
    Share largest =
        shares.values().stream()
            .max(size.thenComparing(Comparator.comparingLong(Share::oldest).reversed()))
            .orElseThrow();
    return largest.bySource.values().stream()
        .max(
            Comparator.<NavigableSet<Long>>comparingInt(NavigableSet::size)
                .thenComparing(Comparator.comparingLong(NavigableSet<Long>::first).reversed()))
        .orElseThrow()
        .first();
  }
}
