// Who is known to be gone, so that old news does not revive them.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who is known to be gone. Each is remembered for one to two times the span after which {@link
 * #age} is called, or until {@link #MOST} newer ones have come: two generations need neither a time
 * nor an object for each.
 */
final class Graves {
  /** The most of one generation. */
  static final int MOST = 16_384;

  private static final int LEAST_ROOM = 8;

  private @Nullable MemberNews[] young = new MemberNews[LEAST_ROOM];
  private int buried;
  private @Nullable MemberNews[] old = new MemberNews[LEAST_ROOM];

  @Nullable MemberNews find(PeerId id) {
    MemberNews found = young[place(young, id)];
    return found != null ? found : old[place(old, id)];
  }

  /** Where an id is, or the free place where it belongs; a generation is at most half full. */
  private static int place(@Nullable MemberNews[] places, PeerId id) {
    int at = (int) Block.mix(id.position().low()) & (places.length - 1);
    for (MemberNews there = places[at];
        there != null && !there.id().equals(id);
        there = places[at]) {
      at = (at + 1) & (places.length - 1);
    }
    return at;
  }

  void bury(MemberNews news) {
    if (buried == MOST) {
      age();
    }
    if (2 * (buried + 1) > young.length) {
      @Nullable MemberNews[] larger = new MemberNews[2 * young.length];
      for (MemberNews each : young) {
        if (each != null) {
          larger[place(larger, each.id())] = each;
        }
      }
      young = larger;
    }
    int at = place(young, news.id());
    if (young[at] == null) {
      buried++;
    }
    young[at] = news;
  }

  /** Somebody has come back. */
  void reopen(PeerId id) {
    if (remove(young, id)) {
      buried--;
    }
    remove(old, id);
  }

  private static boolean remove(@Nullable MemberNews[] places, PeerId id) {
    int at = place(places, id);
    if (places[at] == null) {
      return false;
    }
    places[at] = null;
    // Those that had to move on past this place move up.
    int last = places.length - 1;
    for (int next = (at + 1) & last; ; next = (next + 1) & last) {
      MemberNews moved = places[next];
      if (moved == null) {
        return true;
      }
      places[next] = null;
      places[place(places, moved.id())] = moved;
    }
  }

  /** Everybody who is known to be gone. */
  List<MemberNews> all() {
    List<MemberNews> all = new ArrayList<>();
    for (MemberNews each : young) {
      if (each != null) {
        all.add(each);
      }
    }
    for (MemberNews each : old) {
      if (each != null && young[place(young, each.id())] == null) {
        all.add(each);
      }
    }
    return all;
  }

  /** Forgets those who were gone at the last call already. */
  void age() {
    old = young;
    young = new MemberNews[LEAST_ROOM];
    buried = 0;
  }

  void clear() {
    age();
    old = new MemberNews[LEAST_ROOM];
  }
}
