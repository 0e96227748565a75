// Everybody whom this peer knows, wherever on the ring, for those who look for a way.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.SortedPeers;
import dev.p2pkit.overlay.machine.SortedRun;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Everybody whom this peer knows, in the order of the ring: the members of its arc, its contacts,
 * and for a while hints: those who do not belong to the table any more, or whom somebody has named
 * when this peer came. Put together when somebody asks, and kept until one of the parts changes.
 */
final class KnownPeers {
  /** For how long hints are kept. */
  private static final long HINTS = 120_000_000;

  /**
   * Those who became hints at one time. Each keeps the end of its own: a table that changes its
   * shape again and again would otherwise hold whoever is dead for ever.
   */
  private record Hints(SortedPeers peers, long until, int source) {}

  private final RingCore core;

  /** The latest first. */
  private final Deque<Hints> hints = new ArrayDeque<>(1);

  /** How often hints came or went. */
  private long changes;

  private @Nullable SortedPeers merged;
  private long mergedTable = -1;
  private long mergedContacts = -1;

  KnownPeers(RingCore core) {
    this.core = core;
  }

  /** Some who lie outside of the arc, as somebody who was asked has named them. */
  void hint(long now, List<PeerRef> outside, int source) {
    hints.addFirst(new Hints(SortedPeers.of(outside), now + HINTS, source));
    changed();
  }

  /** The table becomes narrower: who is known from it and by answers of its own is a hint now. */
  void narrowed(long now) {
    Map<PeerId, PeerRef> before = new TreeMap<>();
    for (PeerRef contact : core.ladder.contacts.table().sorted()) {
      before.put(contact.id(), contact);
    }
    core.table.peers().asList().forEach(ref -> before.put(ref.id(), ref));
    hint(now, List.copyOf(before.values()), ContactTable.NO_SOURCE);
  }

  private void changed() {
    changes++;
    merged = null;
  }

  /** Somebody who is known outside of the arc, and who has named it. */
  record Hint(PeerRef ref, int source) {}

  /** Somebody is known who lies outside of the arc. */
  Optional<Hint> hintIn(int sector) {
    ContactTable table = core.ladder.contacts.table();
    for (Hints some : hints) {
      SortedPeers all = some.peers();
      int from = all.indexAtOrAfter(table.sectors().start(sector));
      Key end = end(table, sector);
      int to = end.equals(Key.ZERO) ? all.size() : all.indexAtOrAfter(end);
      if (to > from) {
        PeerRef ref = all.get(from + core.effects.random().nextInt(to - from));
        return Optional.of(new Hint(ref, some.source()));
      }
    }
    return Optional.empty();
  }

  private static Key end(ContactTable table, int sector) {
    int bits = table.sectors().bits(sector);
    return bits == 0
        ? Key.ZERO
        : table.sectors().start(sector).plus(new Key(1L << (Long.SIZE - bits), 0));
  }

  /** Hints are old after a while. */
  void tick(long now) {
    if (hints.removeIf(some -> now >= some.until())) {
      changed();
    }
  }

  /** Grows with each change of the hints; the other parts count their own. */
  long changes() {
    return changes;
  }

  /** Begins with what all peers know that have the same table of a formed ring. */
  void form(FormedTable formed) {
    remember(formed.known(this::gather));
  }

  /** This peer is outside. */
  void clear() {
    hints.clear();
    changed();
  }

  /** The last known peer before a position: the one to ask about it. */
  PeerRef before(Key position) {
    if (core.ladder.full()) {
      return core.table.before(position);
    }
    SortedPeers all = all();
    int at = all.indexAtOrAfter(position);
    return all.get(at == 0 ? all.size() - 1 : at - 1);
  }

  /** The first known peer behind a position. */
  PeerRef after(Key position) {
    SortedPeers all = all();
    int at = all.indexAtOrAfter(position);
    if (at < all.size() && all.get(at).id().position().equals(position)) {
      at++;
    }
    return all.get(at >= all.size() ? 0 : at);
  }

  /** All of them, in the order of their positions. */
  SortedPeers all() {
    if (core.ladder.full() && !core.ladder.isWidening()) {
      return core.table.peers();
    }
    SortedPeers all = merged;
    if (all == null
        || mergedTable != core.table.changes()
        || mergedContacts != core.ladder.contacts.table().changes()) {
      all = gather();
      remember(all);
    }
    return all;
  }

  private void remember(SortedPeers all) {
    merged = all;
    mergedTable = core.table.changes();
    mergedContacts = core.ladder.contacts.table().changes();
  }

  private SortedPeers gather() {
    PeerRef[] outside = core.ladder.contacts.table().sorted();
    if (!hints.isEmpty() || core.ladder.isWidening()) {
      Map<PeerId, PeerRef> byId = new TreeMap<>();
      hints
          .descendingIterator()
          .forEachRemaining(
              some ->
                  some.peers().asList().stream()
                      .filter(ref -> !core.ladder.exact().covers(ref.id().position()))
                      .filter(ref -> !core.table.isGone(ref))
                      .forEach(ref -> byId.put(ref.id(), ref)));
      for (PeerRef ref : outside) {
        byId.put(ref.id(), ref);
      }
      core.table.peers().asList().forEach(ref -> byId.put(ref.id(), ref));
      return SortedPeers.of(byId.values());
    }
    Coverage coverage = core.table.coverage();
    List<SortedRun> segments = new ArrayList<>();
    int zero = coverage.placeOf(Key.ZERO);
    if (zero > 0) {
      for (int place = zero; place < coverage.count(); place++) {
        segments.add(core.table.block(place).run());
      }
      segments.add(SortedRun.of(outside));
      for (int place = 0; place < zero; place++) {
        segments.add(core.table.block(place).run());
      }
    } else {
      int split = 0;
      while (split < outside.length
          && outside[split].id().position().compareTo(coverage.start()) < 0) {
        split++;
      }
      segments.add(SortedRun.of(Arrays.copyOfRange(outside, 0, split)));
      for (int place = 0; place < coverage.count(); place++) {
        segments.add(core.table.block(place).run());
      }
      segments.add(SortedRun.of(Arrays.copyOfRange(outside, split, outside.length)));
    }
    return SortedPeers.ofSegments(segments);
  }
}
