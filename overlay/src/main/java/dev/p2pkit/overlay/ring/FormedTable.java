// What the peers of one place of a formed ring know, held once for all of them.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.SortedPeers;
import dev.p2pkit.sdk.Key;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The table with which all peers begin that cover the same part of a {@link FormedRing}: the same
 * members and the same contacts. Each peer copies what it changes; the rest is held once, so that a
 * process can have a million peers of two levels, whose tables have thousands of places each.
 */
final class FormedTable {
  /** Some are drawn twice, or lie in the covered part. */
  private static final int TRIES = 8;

  private final Block[] blocks;
  private final SortedPeers members;
  private final ContactTable contacts;
  private @Nullable SortedPeers known;

  private FormedTable(Block[] blocks, SortedPeers members, ContactTable contacts) {
    this.blocks = blocks;
    this.members = members;
    this.contacts = contacts;
  }

  /**
   * Draws the contacts.
   *
   * @param contacts the empty table of one of the peers concerned
   * @param each how many contacts a sector has
   */
  static FormedTable draw(
      FormedRing ring,
      Coverage coverage,
      ContactTable contacts,
      int each,
      SplittableRandom random) {
    Block[] blocks = ring.blocks(coverage);
    for (int sector = 0; sector < contacts.sectors().count(); sector++) {
      Key start = contacts.sectors().start(sector);
      int from = ring.indexAtOrAfter(start);
      int to = ring.indexAtOrAfter(start, contacts.sectors().bits(sector));
      for (int i = 0; i < TRIES * each && to > from && contacts.needs(sector); i++) {
        PeerRef ref = ring.get(from + random.nextInt(to - from));
        if (!coverage.covers(ref.id().position())) {
          contacts.take(ref, Contacts.UNKNOWN, ContactTable.NO_SOURCE);
        }
      }
    }
    return new FormedTable(blocks, MemberTable.join(coverage, blocks), contacts);
  }

  /** The members of the covered part; not to be changed. */
  Block[] blocks() {
    return blocks;
  }

  /** The same, joined. */
  SortedPeers members() {
    return members;
  }

  /** The contacts outside of it, for one of the peers. */
  ContactTable contacts() {
    return contacts.shared();
  }

  /** Members and contacts together, put together by the first peer that needs them. */
  SortedPeers known(Supplier<SortedPeers> gather) {
    SortedPeers all = known;
    if (all == null) {
      all = gather.get();
      known = all;
    }
    return all;
  }
}
