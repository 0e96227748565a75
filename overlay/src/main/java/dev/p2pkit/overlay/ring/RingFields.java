// The fields that several messages of the ring share, and their bounds.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import java.util.ArrayList;
import java.util.List;

/** Writes and reads lists of peers and news, bounded. */
final class RingFields {
  /** The longest list of neighbours. */
  static final int MOST_NEIGHBOURS = 64;

  /** The most news in one message. */
  static final int MOST_NEWS = 4_096;

  /** A peer takes at least its id, a host of one character, a port and an incarnation. */
  private static final int LEAST_PEER = 16 + 3 + 2 + 8;

  private static final MemberNews.Kind[] KINDS = MemberNews.Kind.values();

  private RingFields() {}

  static void neighbours(WireWriter out, List<PeerRef> list) {
    out.i32(list.size());
    for (PeerRef ref : list) {
      out.ref(ref);
    }
  }

  static List<PeerRef> neighbours(WireReader in) {
    int count = in.count(MOST_NEIGHBOURS, LEAST_PEER);
    List<PeerRef> list = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      list.add(in.ref());
    }
    return list;
  }

  static void news(WireWriter out, List<MemberNews> list) {
    out.i32(list.size());
    for (MemberNews news : list) {
      out.u8(news.kind().ordinal()).ref(news.ref()).i32(news.refutation());
    }
  }

  static List<MemberNews> news(WireReader in) {
    int count = in.count(MOST_NEWS, LEAST_PEER + 5);
    List<MemberNews> list = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int kind = in.u8();
      if (kind >= KINDS.length) {
        throw new WireException("unknown kind of membership news: " + kind);
      }
      PeerRef ref = in.ref();
      list.add(new MemberNews(KINDS[kind], ref, refutation(in)));
    }
    return list;
  }

  static int refutation(WireReader in) {
    int refutation = in.i32();
    if (refutation < 0 || refutation == Integer.MAX_VALUE) {
      throw new WireException("a number of refutations is not " + refutation);
    }
    return refutation;
  }
}
