// The contacts outside of the arc: a few in each sector, the nearest by round trip.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.ladder.Rungs;
import dev.p2pkit.overlay.ladder.Sectors;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The contacts of one peer: in each sector up to a few, all of which have answered it directly. Of
 * those that offer themselves the ones with the shortest round trip are kept. Nobody fills the
 * table alone: of one network few are taken, and of what one peer has named a quarter of a rung.
 */
final class ContactTable {
  /** Nobody has named it: it spoke first, or was a member of the table before. */
  static final int NO_SOURCE = 0;

  /** The most of one /24 in one rung and in the whole table. */
  static final int MOST_OF_NETWORK_IN_RUNG = 2;

  static final int MOST_OF_NETWORK = 3;

  /** Of what one peer has named, one part in so many of a rung is taken. */
  private static final int SHARE_OF_SOURCE = 4;

  /** A newcomer must be this much nearer, in eighths, to replace one that works. */
  private static final int EIGHTHS = 8;

  private static final int NEARER = 7;

  /** So many places are held, and copied, together. */
  private static final int CHUNK = 64;

  /** Some of the places; changed by the table that it belongs to, and by no other. */
  private static final class Chunk {
    final ContactTable owner;
    final @Nullable PeerRef[] refs;
    final int[] trips;
    final int[] sources;

    Chunk(ContactTable owner, @Nullable Chunk from) {
      this.owner = owner;
      refs = from == null ? new PeerRef[CHUNK] : from.refs.clone();
      trips = from == null ? new int[CHUNK] : from.trips.clone();
      sources = from == null ? new int[CHUNK] : from.sources.clone();
    }
  }

  private final Rungs rungs;
  private final Sectors sectors;
  private final int each;
  private final int places;

  /** Those in which there is or was anybody. Peers of one process may share some. */
  private final @Nullable Chunk[] chunks;

  private int size;
  private long changes;

  ContactTable(Rungs rungs, Key self, int each) {
    this.rungs = rungs;
    this.each = each;
    sectors = new Sectors(rungs, self);
    places = sectors.count() * each;
    chunks = new Chunk[(places + CHUNK - 1) / CHUNK];
  }

  private ContactTable(ContactTable other) {
    rungs = other.rungs;
    each = other.each;
    sectors = other.sectors;
    places = other.places;
    chunks = other.chunks.clone();
    size = other.size;
    changes = other.changes;
  }

  /**
   * A table that begins with the same contacts, for a peer that stands in the same sectors, and
   * copies what it changes. This one must not change any more.
   */
  ContactTable shared() {
    return new ContactTable(this);
  }

  private Chunk own(int place) {
    Chunk chunk = chunks[place / CHUNK];
    if (chunk == null || chunk.owner != this) {
      chunk = new Chunk(this, chunk);
      chunks[place / CHUNK] = chunk;
    }
    return chunk;
  }

  Sectors sectors() {
    return sectors;
  }

  int size() {
    return size;
  }

  /** How many places there are, empty ones included. */
  int places() {
    return places;
  }

  @Nullable PeerRef at(int place) {
    Chunk chunk = chunks[place / CHUNK];
    return chunk == null ? null : chunk.refs[place % CHUNK];
  }

  private int source(int place) {
    Chunk chunk = chunks[place / CHUNK];
    return chunk == null ? NO_SOURCE : chunk.sources[place % CHUNK];
  }

  long changes() {
    return changes;
  }

  /** How many contacts a sector has. */
  int filled(int sector) {
    int filled = 0;
    for (int place = sector * each; place < (sector + 1) * each; place++) {
      filled += at(place) == null ? 0 : 1;
    }
    return filled;
  }

  /** Whether a sector could do with one more. */
  boolean needs(int sector) {
    return sectors.wanted(sector) && filled(sector) < each;
  }

  /** Some contact in a sector. */
  Optional<PeerRef> in(int sector) {
    for (int place = sector * each; place < (sector + 1) * each; place++) {
      PeerRef ref = at(place);
      if (ref != null) {
        return Optional.of(ref);
      }
    }
    return Optional.empty();
  }

  private int placeOf(PeerId id) {
    if (places == 0) {
      return -1;
    }
    int sector = sectors.indexOf(id.position());
    for (int place = sector * each; place < (sector + 1) * each; place++) {
      PeerRef ref = at(place);
      if (ref != null && ref.id().equals(id)) {
        return place;
      }
    }
    return -1;
  }

  boolean contains(PeerId id) {
    return placeOf(id) >= 0;
  }

  Optional<PeerRef> find(PeerId id) {
    int place = placeOf(id);
    return place < 0 ? Optional.empty() : Optional.ofNullable(at(place));
  }

  /** The round trip to a contact, in microseconds. */
  int trip(int place) {
    Chunk chunk = chunks[place / CHUNK];
    return chunk == null ? 0 : chunk.trips[place % CHUNK];
  }

  /**
   * Takes a peer that has answered this one directly, if there is a place for it or it is nearer
   * than one that has a place.
   *
   * @param trip the round trip, in microseconds
   * @param source whoever has named it
   */
  boolean take(PeerRef ref, int trip, int source) {
    if (places == 0) {
      return false;
    }
    int known = placeOf(ref.id());
    if (known >= 0) {
      changes += ref.equals(at(known)) ? 0 : 1;
      Chunk chunk = own(known);
      chunk.refs[known % CHUNK] = ref;
      chunk.trips[known % CHUNK] = trip;
      return true;
    }
    int sector = sectors.indexOf(ref.id().position());
    if (!sectors.wanted(sector)) {
      return false;
    }
    int worst = -1;
    for (int place = sector * each; place < (sector + 1) * each; place++) {
      if (at(place) == null) {
        worst = place;
        break;
      }
      if (worst < 0 || trip(place) > trip(worst)) {
        worst = place;
      }
    }
    boolean better = at(worst) == null || trip < (long) trip(worst) * NEARER / EIGHTHS;
    if (!better || !isDiverse(ref, sectors.rungOf(sector), source, worst)) {
      return false;
    }
    put(worst, ref, trip, source);
    return true;
  }

  private void put(int place, PeerRef ref, int trip, int source) {
    size += at(place) == null ? 1 : 0;
    Chunk chunk = own(place);
    chunk.refs[place % CHUNK] = ref;
    chunk.trips[place % CHUNK] = trip;
    chunk.sources[place % CHUNK] = source;
    changes++;
  }

  /** Whether the table would not depend too much on one network or one teller. */
  private boolean isDiverse(PeerRef ref, int rung, int source, int instead) {
    int from = sectors.firstOf(rung) * each;
    int to = from + rungs.sectors(rung) * each;
    if (source != NO_SOURCE) {
      int told = 0;
      for (int place = from; place < to; place++) {
        told += at(place) != null && place != instead && source(place) == source ? 1 : 0;
      }
      if (told >= Math.max(1, (to - from) / SHARE_OF_SOURCE)) {
        return false;
      }
    }
    Optional<String> network = Network24.of(ref.endpoint().host());
    if (network.isEmpty()) {
      return true;
    }
    int inRung = 0;
    int inAll = 0;
    for (int place = 0; place < places; place++) {
      PeerRef other = at(place);
      if (other != null
          && place != instead
          && Network24.of(other.endpoint().host()).equals(network)) {
        inAll++;
        inRung += place >= from && place < to ? 1 : 0;
      }
    }
    return inRung < MOST_OF_NETWORK_IN_RUNG && inAll < MOST_OF_NETWORK;
  }

  boolean remove(PeerId id) {
    int place = placeOf(id);
    if (place < 0) {
      return false;
    }
    Chunk chunk = own(place);
    chunk.refs[place % CHUNK] = null;
    chunk.trips[place % CHUNK] = 0;
    chunk.sources[place % CHUNK] = NO_SOURCE;
    size--;
    changes++;
    return true;
  }

  /** All contacts in the order of their positions. */
  PeerRef[] sorted() {
    List<PeerRef> all = new ArrayList<>(size);
    for (int place = 0; place < places; place++) {
      PeerRef ref = at(place);
      if (ref != null) {
        all.add(ref);
      }
    }
    PeerRef[] sorted = all.toArray(new PeerRef[0]);
    Arrays.sort(sorted, (one, other) -> one.id().compareTo(other.id()));
    return sorted;
  }

  /** The contact nearest to a position, in either direction. */
  Optional<PeerRef> nearest(Key position) {
    PeerRef best = null;
    Key shortest = null;
    for (int place = 0; place < places; place++) {
      PeerRef ref = at(place);
      if (ref != null) {
        Key there = ref.id().position();
        Key ahead = position.distanceTo(there);
        Key behind = there.distanceTo(position);
        Key distance = ahead.compareTo(behind) < 0 ? ahead : behind;
        if (shortest == null || distance.compareTo(shortest) < 0) {
          shortest = distance;
          best = ref;
        }
      }
    }
    return Optional.ofNullable(best);
  }
}
