// The frames of proofs.
package dev.p2pkit.overlay.proof;

import dev.p2pkit.overlay.broadcast.BroadcastSeals;
import dev.p2pkit.overlay.machine.Channel;
import dev.p2pkit.overlay.machine.FrameTypes;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.overlay.proof.ProofMessage.Near;
import dev.p2pkit.overlay.proof.ProofMessage.Prove;
import dev.p2pkit.overlay.proof.ProofMessage.Proven;
import dev.p2pkit.overlay.proof.ProofMessage.Vouch;
import dev.p2pkit.overlay.proof.ProofMessage.Vouched;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The codec of {@link Proofs}. */
public final class ProofCodec implements WireCodec {
  /** How many peers one answer names. */
  static final int MOST_NEAR = 5;

  private static final int PROVE = FrameTypes.PROOF;
  private static final int VOUCH = FrameTypes.PROOF + 1;
  private static final int VOUCHED = FrameTypes.PROOF + 2;
  private static final int PROVEN = FrameTypes.PROOF + 3;
  private static final int NEAR = FrameTypes.PROOF + 4;

  @Override
  public int firstType() {
    return PROVE;
  }

  @Override
  public int lastType() {
    return NEAR;
  }

  @Override
  public boolean handles(WireMessage message) {
    return message instanceof ProofMessage;
  }

  @Override
  public int typeOf(WireMessage message) {
    if (message instanceof Prove) {
      return PROVE;
    } else if (message instanceof Vouch) {
      return VOUCH;
    } else if (message instanceof Vouched) {
      return VOUCHED;
    }
    return message instanceof Proven ? PROVEN : NEAR;
  }

  @Override
  public Channel channelOf(int type) {
    return Channel.CONTROL;
  }

  @Override
  public void encode(WireMessage message, WireWriter out) {
    if (message instanceof Prove m) {
      out.key(m.nonce()).key(m.key()).bool(m.granted());
    } else if (message instanceof Vouch m) {
      out.peer(m.asker()).key(m.nonce());
    } else if (message instanceof Vouched m) {
      out.peer(m.asker()).key(m.nonce()).bool(m.grant().isPresent());
      m.grant().ifPresent(grant -> grant.write(out));
    } else if (message instanceof Proven m) {
      out.key(m.key());
      m.grant().write(out);
      out.bytes(m.seal());
    } else {
      Near near = (Near) message;
      out.key(near.nonce()).u8(near.peers().size());
      near.peers().forEach(out::ref);
    }
  }

  @Override
  public WireMessage decode(int type, WireReader in) {
    return switch (type) {
      case PROVE -> new Prove(in.key(), in.key(), in.bool());
      case VOUCH -> new Vouch(in.peer(), in.key());
      case VOUCHED ->
          new Vouched(
              in.peer(),
              in.key(),
              in.bool() ? Optional.of(SignedGrant.read(in)) : Optional.empty());
      case PROVEN -> new Proven(in.key(), SignedGrant.read(in), in.bytes(BroadcastSeals.MAX_BYTES));
      default -> near(in);
    };
  }

  private static Near near(WireReader in) {
    var nonce = in.key();
    int count = in.u8();
    if (count > MOST_NEAR) {
      throw new WireException("at most " + MOST_NEAR + " peers are named, not " + count);
    }
    List<PeerRef> peers = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      peers.add(in.ref());
    }
    return new Near(nonce, List.copyOf(peers));
  }
}
