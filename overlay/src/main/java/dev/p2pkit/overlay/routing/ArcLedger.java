// What goes with an arc to its next holder: which messages without a pin were accepted for it.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.overlay.machine.ArcMemory;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.overlay.routing.RoutingFrame.Settled;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The memory that makes a copy of a message harmless which finds the key at another peer than the
 * first copy did. Only ids, keys and who accepted them: what became of a message is asked there.
 * Messages that are pinned are not part of it, for no other peer may accept them; those that had
 * left without a pin before are.
 */
final class ArcLedger implements ArcMemory {
  private static final int VERSION = 2;
  private static final int LEAST_ORIGIN_BYTES = 40;
  private static final int ENTRY_BYTES = 26;
  private static final int EMPTY_BYTES = 7;
  private static final int MOST_ACCEPTORS = 0xFFFE;

  /** The owner's side, as far as this needs it. */
  interface Memories {
    /** Grows with all that moves with an arc. */
    long order();

    /** Everything that was accepted for an arc after some order. */
    void forEachAccepted(Key after, Key upTo, long since, Visitor visitor);

    /**
     * An origin has closed these, though copies may be under way for so long; false if there is no
     * room to remember it.
     */
    boolean close(PeerId origin, Settled closed, long straysFor);

    /** Something was accepted by another peer; false if there is no room to remember it. */
    boolean remember(PeerId origin, long id, Key key, PeerRef acceptor);
  }

  /** Gets what was accepted; of each origin first what is closed. */
  interface Visitor {
    void origin(PeerId origin, Settled closed, long straysFor);

    void accepted(PeerId origin, long id, Key key, PeerRef acceptor);
  }

  private record Entry(long id, Key key, int acceptor) {}

  private record Origin(PeerId id, Settled closed, long straysFor, List<Entry> entries) {}

  /** Writes down what is visited, in parts that say all that they need themselves. */
  private static final class Pages implements Visitor {
    private final int most;
    private final WireWriter sizes = WireWriter.counting();
    private final List<byte[]> full = new ArrayList<>();
    private final List<Origin> origins = new ArrayList<>();
    private final List<PeerRef> acceptors = new ArrayList<>();
    private final Map<PeerRef, Integer> numbers = new HashMap<>();
    private int bytes = EMPTY_BYTES;

    Pages(int most) {
      this.most = most;
    }

    @Override
    public void origin(PeerId origin, Settled closed, long straysFor) {
      int more = LEAST_ORIGIN_BYTES + Long.BYTES * closed.open().length;
      room(more);
      bytes += more;
      origins.add(new Origin(origin, closed, straysFor, new ArrayList<>()));
    }

    @Override
    public void accepted(PeerId origin, long id, Key key, PeerRef acceptor) {
      sizes.clear();
      sizes.ref(acceptor);
      Origin here = origins.get(origins.size() - 1);
      if (room(ENTRY_BYTES + (numbers.containsKey(acceptor) ? 0 : sizes.size()))) {
        origin(here.id(), here.closed(), here.straysFor());
      }
      Integer known = numbers.get(acceptor);
      int number = known == null ? acceptors.size() : known;
      if (known == null) {
        numbers.put(acceptor, number);
        acceptors.add(acceptor);
        bytes += sizes.size();
      }
      bytes += ENTRY_BYTES;
      origins.get(origins.size() - 1).entries().add(new Entry(id, key, number));
    }

    /** Begins another part if so much does not fit, and says whether it did. */
    private boolean room(int more) {
      boolean turns = bytes + more > most || acceptors.size() > MOST_ACCEPTORS;
      if (turns) {
        turn();
      }
      return turns;
    }

    private void turn() {
      WireWriter out = new WireWriter(bytes);
      out.u8(VERSION).u16(acceptors.size());
      acceptors.forEach(out::ref);
      out.i32(origins.size());
      for (Origin origin : origins) {
        out.peer(origin.id());
        RoutingCodec.write(origin.closed(), out);
        out.i64(origin.straysFor()).i32(origin.entries().size());
        for (Entry entry : origin.entries()) {
          out.i64(entry.id()).key(entry.key()).u16(entry.acceptor());
        }
      }
      full.add(out.toBytes());
      origins.clear();
      acceptors.clear();
      numbers.clear();
      bytes = EMPTY_BYTES;
    }

    List<byte[]> all() {
      if (!origins.isEmpty()) {
        turn();
      }
      return full;
    }
  }

  private final Memories memories;

  ArcLedger(Memories memories) {
    this.memories = memories;
  }

  @Override
  public Optional<Copy> copy(Key after, Key upTo, long since, int most) {
    Pages pages = new Pages(most);
    memories.forEachAccepted(after, upTo, since, pages);
    return Optional.of(new Copy(pages.all(), memories.order()));
  }

  @Override
  public Optional<byte[]> give(Key after, Key upTo, long since, int most) {
    Pages page = new Pages(most);
    memories.forEachAccepted(after, upTo, since, page);
    if (page.origins.isEmpty()) {
      page.turn();
    }
    List<byte[]> all = page.all();
    return all.size() == 1 ? Optional.of(all.get(0)) : Optional.empty();
  }

  @Override
  public boolean take(Key after, Key upTo, byte[] memory) {
    try {
      return read(after, upTo, new WireReader(memory));
    } catch (WireException e) {
      return false;
    }
  }

  private boolean read(Key after, Key upTo, WireReader in) {
    if (in.u8() != VERSION) {
      return false;
    }
    int count = in.u16();
    List<PeerRef> acceptors = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      acceptors.add(in.ref());
    }
    int origins = in.count(Integer.MAX_VALUE, LEAST_ORIGIN_BYTES);
    for (int i = 0; i < origins; i++) {
      PeerId origin = in.peer();
      if (!memories.close(origin, RoutingCodec.settled(in), in.i64())) {
        return false;
      }
      int entries = in.count(Integer.MAX_VALUE, ENTRY_BYTES);
      for (int j = 0; j < entries; j++) {
        long id = in.i64();
        Key key = in.key();
        int acceptor = in.u16();
        if (id <= 0 || acceptor >= acceptors.size() || !key.isIn(after, upTo)) {
          return false;
        }
        if (!memories.remember(origin, id, key, acceptors.get(acceptor))) {
          return false;
        }
      }
    }
    return true;
  }
}
