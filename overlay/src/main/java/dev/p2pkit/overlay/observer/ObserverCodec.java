// Encodes what observers and members say to each other.
package dev.p2pkit.overlay.observer;

import dev.p2pkit.overlay.machine.Channel;
import dev.p2pkit.overlay.machine.FrameTypes;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.overlay.observer.ObserverMessage.Attach;
import dev.p2pkit.overlay.observer.ObserverMessage.Attached;
import dev.p2pkit.overlay.observer.ObserverMessage.Detach;
import dev.p2pkit.overlay.observer.ObserverMessage.Found;
import dev.p2pkit.overlay.observer.ObserverMessage.Seek;
import java.util.ArrayList;
import java.util.List;

/** The codec of {@link ObserverMachine}. */
public final class ObserverCodec implements WireCodec {
  private static final int SEEK = FrameTypes.OBSERVER;
  private static final int FOUND = FrameTypes.OBSERVER + 1;
  private static final int ATTACH = FrameTypes.OBSERVER + 2;
  private static final int ATTACHED = FrameTypes.OBSERVER + 3;
  private static final int DETACH = FrameTypes.OBSERVER + 4;
  private static final int LEAST_REF = 29;

  @Override
  public int firstType() {
    return FrameTypes.OBSERVER;
  }

  @Override
  public int lastType() {
    return FrameTypes.OBSERVER + FrameTypes.EACH - 1;
  }

  @Override
  public boolean handles(WireMessage message) {
    return message instanceof ObserverMessage;
  }

  @Override
  public int typeOf(WireMessage message) {
    if (message instanceof Seek) {
      return SEEK;
    } else if (message instanceof Found) {
      return FOUND;
    } else if (message instanceof Attach) {
      return ATTACH;
    } else if (message instanceof Attached) {
      return ATTACHED;
    } else if (message instanceof Detach) {
      return DETACH;
    }
    throw new IllegalArgumentException("no message of observers: " + message.getClass());
  }

  @Override
  public Channel channelOf(int type) {
    return Channel.CONTROL;
  }

  @Override
  public void encode(WireMessage message, WireWriter out) {
    if (message instanceof Found found) {
      write(found.after(), out);
    } else if (message instanceof Attached attached) {
      write(attached.after(), out);
    }
  }

  private static void write(List<PeerRef> peers, WireWriter out) {
    out.i32(peers.size());
    peers.forEach(out::ref);
  }

  @Override
  public WireMessage decode(int type, WireReader in) {
    return switch (type) {
      case SEEK -> new Seek();
      case FOUND -> new Found(peers(in));
      case ATTACH -> new Attach();
      case ATTACHED -> new Attached(peers(in));
      case DETACH -> new Detach();
      default -> throw new WireException("unknown frame of observers: " + type);
    };
  }

  private static List<PeerRef> peers(WireReader in) {
    int count = in.count(ObserverMachine.MOST_LISTED, LEAST_REF);
    List<PeerRef> peers = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      peers.add(in.ref());
    }
    return peers;
  }
}
