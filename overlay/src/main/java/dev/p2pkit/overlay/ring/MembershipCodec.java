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
import dev.p2pkit.overlay.ring.MembershipMessage.ArcHashes;
import dev.p2pkit.overlay.ring.MembershipMessage.Finding;
import dev.p2pkit.overlay.ring.MembershipMessage.HashOffer;
import dev.p2pkit.overlay.ring.MembershipMessage.Probe;
import dev.p2pkit.overlay.ring.MembershipMessage.ProbeAnswer;
import dev.p2pkit.overlay.ring.MembershipMessage.Records;
import dev.p2pkit.overlay.ring.MembershipMessage.WitnessAnswer;
import dev.p2pkit.overlay.ring.MembershipMessage.WitnessRequest;
import java.util.BitSet;

/** The frames of membership, types {@link FrameTypes#MEMBERSHIP} and up. */
public final class MembershipCodec implements WireCodec {
  private static final int HASH_OFFER = FrameTypes.MEMBERSHIP;
  private static final int ARC_HASHES = FrameTypes.MEMBERSHIP + 1;
  private static final int RECORDS = FrameTypes.MEMBERSHIP + 2;
  private static final int PROBE = FrameTypes.MEMBERSHIP + 3;
  private static final int PROBE_ANSWER = FrameTypes.MEMBERSHIP + 4;
  private static final int WITNESS_REQUEST = FrameTypes.MEMBERSHIP + 5;
  private static final int WITNESS_ANSWER = FrameTypes.MEMBERSHIP + 6;

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
    } else if (message instanceof ArcHashes) {
      return ARC_HASHES;
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
      out.i64(m.hash());
    } else if (message instanceof ArcHashes m) {
      for (long hash : m.hashes()) {
        out.i64(hash);
      }
    } else if (message instanceof Records m) {
      long[] words = m.complete().toLongArray();
      for (int i = 0; i < Coverage.EVERYTHING.count() / Long.SIZE; i++) {
        out.i64(i < words.length ? words[i] : 0);
      }
      RingFields.news(out, m.news());
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
      case HASH_OFFER -> new HashOffer(in.i64());
      case ARC_HASHES -> {
        long[] hashes = new long[Coverage.EVERYTHING.count()];
        for (int i = 0; i < hashes.length; i++) {
          hashes[i] = in.i64();
        }
        yield new ArcHashes(hashes);
      }
      case RECORDS -> {
        long[] words = new long[Coverage.EVERYTHING.count() / Long.SIZE];
        for (int i = 0; i < words.length; i++) {
          words[i] = in.i64();
        }
        yield new Records(BitSet.valueOf(words), RingFields.news(in));
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
      default -> throw new WireException("unknown message of the membership, type " + type);
    };
  }
}
