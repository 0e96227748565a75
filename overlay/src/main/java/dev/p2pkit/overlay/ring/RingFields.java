// The fields that several messages of the ring share, and their bounds.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.sdk.PeerId;
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

  /** Its form, its id and a short incarnation. */
  private static final int LEAST_NEWS = 1 + 16 + 6;

  private static final int KIND = 3;
  private static final int SHORT_INCARNATION = 4;
  private static final int HAS_REFUTATION = 8;
  private static final int HAS_ADDRESS = 16;
  private static final int HAS_NAME = 32;
  private static final int ALL_OF_FORM = 63;
  private static final long NO_ADDRESS = -1;

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

  /** A byte that says what follows, the id, the incarnation, and what of the rest there is. */
  static void news(WireWriter out, List<MemberNews> list) {
    out.i32(list.size());
    for (MemberNews each : list) {
      Endpoint endpoint = each.ref().endpoint();
      long incarnation = each.ref().incarnation();
      boolean short48 = incarnation >>> 48 == 0;
      boolean nowhere = endpoint.equals(MemberNews.NOWHERE);
      long address = nowhere ? NO_ADDRESS : address(endpoint.host());
      out.u8(
          each.kind().ordinal()
              | (short48 ? SHORT_INCARNATION : 0)
              | (each.refutation() != 0 ? HAS_REFUTATION : 0)
              | (nowhere ? 0 : address == NO_ADDRESS ? HAS_NAME : HAS_ADDRESS));
      out.peer(each.id());
      if (short48) {
        out.u16((int) (incarnation >>> 32)).i32((int) incarnation);
      } else {
        out.i64(incarnation);
      }
      if (each.refutation() != 0) {
        refutation(out, each.refutation());
      }
      if (!nowhere) {
        if (address == NO_ADDRESS) {
          out.text(endpoint.host());
        } else {
          out.i32((int) address);
        }
        out.u16(endpoint.port());
      }
    }
  }

  /** The 32 bits of an IPv4 address that is written in the only usual way. */
  private static long address(String host) {
    long address = 0;
    int part = -1;
    int parts = 0;
    for (int i = 0; i <= host.length(); i++) {
      char c = i < host.length() ? host.charAt(i) : '.';
      if (c >= '0' && c <= '9' && part != 0 && part < 256) {
        part = Math.max(part, 0) * 10 + (c - '0');
      } else if (c == '.' && part >= 0 && part < 256) {
        address = address << 8 | part;
        parts++;
        part = -1;
      } else {
        return NO_ADDRESS;
      }
    }
    return parts == 4 ? address : NO_ADDRESS;
  }

  private static String host(int address) {
    return (address >>> 24)
        + "."
        + (address >>> 16 & 0xFF)
        + "."
        + (address >>> 8 & 0xFF)
        + "."
        + (address & 0xFF);
  }

  static List<MemberNews> news(WireReader in) {
    return news(in, MOST_NEWS);
  }

  static List<MemberNews> news(WireReader in, int most) {
    int count = in.count(most, LEAST_NEWS);
    List<MemberNews> list = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int form = in.u8();
      int kind = form & KIND;
      if (kind >= KINDS.length || form > ALL_OF_FORM) {
        throw new WireException("unknown kind of membership news: " + form);
      }
      PeerId id = in.peer();
      long incarnation =
          (form & SHORT_INCARNATION) != 0
              ? (long) in.u16() << 32 | (in.i32() & 0xFFFF_FFFFL)
              : in.i64();
      long refutation = (form & HAS_REFUTATION) != 0 ? refutation(in) : 0;
      Endpoint endpoint = MemberNews.NOWHERE;
      if ((form & (HAS_NAME | HAS_ADDRESS)) != 0) {
        String host = (form & HAS_NAME) != 0 ? in.text(255) : host(in.i32());
        int port = in.u16();
        if (host.isEmpty() || port == 0) {
          throw new WireException("a peer has a host and a port");
        }
        endpoint = new Endpoint(host, port);
      } else if (KINDS[kind] == MemberNews.Kind.ALIVE) {
        throw new WireException("a peer that lives has an address");
      }
      list.add(new MemberNews(KINDS[kind], new PeerRef(id, endpoint, incarnation), refutation));
    }
    return list;
  }

  /** How often a process has contradicted news of its death, in as few bytes as it needs. */
  static void refutation(WireWriter out, long refutation) {
    long rest = refutation;
    while (rest > 0x7F) {
      out.u8((int) (rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    out.u8((int) rest);
  }

  static long refutation(WireReader in) {
    long refutation = 0;
    for (int shift = 0; shift < 63; shift += 7) {
      int part = in.u8();
      refutation |= (part & 0x7FL) << shift;
      if (part < 0x80) {
        if (refutation > Refutation.MOST) {
          break;
        }
        return refutation;
      }
    }
    throw new WireException("more refutations than a process can make");
  }
}
