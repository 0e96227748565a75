// The frames of membership: table comparison and signs of life.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.Channel;
import dev.p2pkit.overlay.machine.FrameTypes;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.overlay.ring.EventLanes.Direction;
import dev.p2pkit.overlay.ring.MembershipMessage.BlockHashes;
import dev.p2pkit.overlay.ring.MembershipMessage.ContactAnswer;
import dev.p2pkit.overlay.ring.MembershipMessage.ContactRequest;
import dev.p2pkit.overlay.ring.MembershipMessage.Events;
import dev.p2pkit.overlay.ring.MembershipMessage.EventsTaken;
import dev.p2pkit.overlay.ring.MembershipMessage.Finding;
import dev.p2pkit.overlay.ring.MembershipMessage.HashOffer;
import dev.p2pkit.overlay.ring.MembershipMessage.Probe;
import dev.p2pkit.overlay.ring.MembershipMessage.ProbeAnswer;
import dev.p2pkit.overlay.ring.MembershipMessage.Records;
import dev.p2pkit.overlay.ring.MembershipMessage.Told;
import dev.p2pkit.overlay.ring.MembershipMessage.WitnessAnswer;
import dev.p2pkit.overlay.ring.MembershipMessage.WitnessRequest;
import dev.p2pkit.sdk.Key;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** The frames of membership, types {@link FrameTypes#MEMBERSHIP} and up. */
public final class MembershipCodec implements WireCodec {
  private static final int HASH_OFFER = FrameTypes.MEMBERSHIP;
  private static final int BLOCK_HASHES = FrameTypes.MEMBERSHIP + 1;
  private static final int RECORDS = FrameTypes.MEMBERSHIP + 2;
  private static final int PROBE = FrameTypes.MEMBERSHIP + 3;
  private static final int PROBE_ANSWER = FrameTypes.MEMBERSHIP + 4;
  private static final int WITNESS_REQUEST = FrameTypes.MEMBERSHIP + 5;
  private static final int WITNESS_ANSWER = FrameTypes.MEMBERSHIP + 6;

  private static final int EVENTS = FrameTypes.MEMBERSHIP + 7;
  private static final int EVENTS_TAKEN = FrameTypes.MEMBERSHIP + 8;

  private static final int CONTACT_REQUEST = FrameTypes.MEMBERSHIP + 9;
  private static final int CONTACT_ANSWER = FrameTypes.MEMBERSHIP + 10;

  private static final int COUNTER_CLOCKWISE = 0x80;
  private static final int BEGINS = 1;

  private static final Finding[] FINDINGS = Finding.values();

  @Override
  public int firstType() {
    return FrameTypes.MEMBERSHIP;
  }

  @Override
  public int lastType() {
    return FrameTypes.MEMBERSHIP + FrameTypes.EACH - 1;
  }

  @Override
  public boolean handles(WireMessage message) {
    return message instanceof MembershipMessage;
  }

  @Override
  public int typeOf(WireMessage message) {
    if (message instanceof HashOffer) {
      return HASH_OFFER;
    } else if (message instanceof BlockHashes) {
      return BLOCK_HASHES;
    } else if (message instanceof Records) {
      return RECORDS;
    } else if (message instanceof Probe) {
      return PROBE;
    } else if (message instanceof ProbeAnswer) {
      return PROBE_ANSWER;
    } else if (message instanceof WitnessRequest) {
      return WITNESS_REQUEST;
    } else if (message instanceof WitnessAnswer) {
      return WITNESS_ANSWER;
    } else if (message instanceof Events) {
      return EVENTS;
    } else if (message instanceof EventsTaken) {
      return EVENTS_TAKEN;
    } else if (message instanceof ContactRequest) {
      return CONTACT_REQUEST;
    } else if (message instanceof ContactAnswer) {
      return CONTACT_ANSWER;
    }
    throw new IllegalArgumentException("no message of the membership: " + message);
  }

  @Override
  public Channel channelOf(int type) {
    return Channel.CONTROL;
  }

  @Override
  public void encode(WireMessage message, WireWriter out) {
    if (message instanceof HashOffer m) {
      m.table().write(out);
    } else if (message instanceof BlockHashes m) {
      out.u8(m.bits()).bool(m.settled()).i32(m.first());
      blocks(out, m.blocks());
      for (int hash : m.hashes()) {
        out.i32(hash);
      }
    } else if (message instanceof Records m) {
      out.u8(m.bits()).i32(m.first());
      blocks(out, m.complete());
      RingFields.news(out, m.news());
    } else if (message instanceof Events m) {
      out.i32(m.sequence());
      out.u8(
          (m.direction() == Direction.CLOCKWISE ? 0 : COUNTER_CLOCKWISE)
              | (m.begins() ? BEGINS : 0));
      RingFields.news(out, m.told().stream().map(Told::news).toList());
      if (!m.begins()) {
        m.told().forEach(told -> out.i32(told.end()));
      }
    } else if (message instanceof ContactRequest m) {
      out.i64(m.nonce()).key(m.near()).u8(m.count());
    } else if (message instanceof ContactAnswer m) {
      out.i64(m.nonce());
      RingFields.neighbours(out, m.named());
    } else if (message instanceof EventsTaken m) {
      out.i32(m.sequence());
    } else if (message instanceof Probe m) {
      out.i64(m.nonce());
    } else if (message instanceof ProbeAnswer m) {
      out.i64(m.nonce());
    } else if (message instanceof WitnessRequest m) {
      out.i64(m.nonce()).ref(m.about());
    } else if (message instanceof WitnessAnswer m) {
      out.i64(m.nonce()).ref(m.about()).u8(m.finding().ordinal());
    }
  }

  @Override
  public WireMessage decode(int type, WireReader in) {
    return switch (type) {
      case HASH_OFFER -> new HashOffer(TableNotice.read(in));
      case BLOCK_HASHES -> {
        int bits = bits(in);
        boolean settled = in.bool();
        int first = block(in, bits);
        BitSet blocks = blocks(in);
        int[] hashes = new int[blocks.cardinality()];
        for (int i = 0; i < hashes.length; i++) {
          hashes[i] = in.i32();
        }
        yield new BlockHashes(bits, first, blocks, hashes, settled);
      }
      case RECORDS -> {
        int bits = bits(in);
        int first = block(in, bits);
        yield new Records(bits, first, blocks(in), RingFields.news(in));
      }
      case PROBE -> new Probe(in.i64());
      case PROBE_ANSWER -> new ProbeAnswer(in.i64());
      case WITNESS_REQUEST -> new WitnessRequest(in.i64(), in.ref());
      case WITNESS_ANSWER -> {
        long nonce = in.i64();
        PeerRef about = in.ref();
        int finding = in.u8();
        if (finding >= FINDINGS.length) {
          throw new WireException("unknown finding of a witness: " + finding);
        }
        yield new WitnessAnswer(nonce, about, FINDINGS[finding]);
      }
      case EVENTS -> {
        int sequence = in.i32();
        int way = in.u8();
        if ((way & ~(COUNTER_CLOCKWISE | BEGINS)) != 0) {
          throw new WireException("unknown way for events to travel: " + way);
        }
        boolean begins = (way & BEGINS) != 0;
        List<Told> told = new ArrayList<>();
        for (MemberNews news : RingFields.news(in)) {
          told.add(new Told(news, 0));
        }
        if (!begins) {
          told.replaceAll(each -> new Told(each.news(), in.i32()));
        }
        yield new Events(
            sequence,
            (way & COUNTER_CLOCKWISE) == 0 ? Direction.CLOCKWISE : Direction.COUNTER_CLOCKWISE,
            begins,
            told);
      }
      case CONTACT_REQUEST -> {
        long nonce = in.i64();
        Key near = in.key();
        yield new ContactRequest(nonce, near, Math.min(in.u8(), Contacts.MOST_NAMED));
      }
      case CONTACT_ANSWER -> new ContactAnswer(in.i64(), RingFields.neighbours(in));
      case EVENTS_TAKEN -> new EventsTaken(in.i32());
      default -> throw new WireException("unknown message of the membership, type " + type);
    };
  }

  private static void blocks(WireWriter out, BitSet blocks) {
    long[] words = blocks.toLongArray();
    out.u8(words.length);
    for (long word : words) {
      out.i64(word);
    }
  }

  private static BitSet blocks(WireReader in) {
    int length = in.u8();
    if (length > Coverage.MOST_BLOCKS / Long.SIZE) {
      throw new WireException("no table has " + length * Long.SIZE + " blocks");
    }
    long[] words = new long[length];
    for (int i = 0; i < words.length; i++) {
      words[i] = in.i64();
    }
    return BitSet.valueOf(words);
  }

  private static int bits(WireReader in) {
    int bits = in.u8();
    if (bits > Coverage.MOST_BITS) {
      throw new WireException("no table divides the ring into 2^" + bits + " blocks");
    }
    return bits;
  }

  private static int block(WireReader in, int bits) {
    int block = in.i32();
    if (block < 0 || block >= 1 << bits) {
      throw new WireException("of 2^" + bits + " blocks none is number " + block);
    }
    return block;
  }
}
