// The messages of the session directory as frames.
package dev.p2pkit.peer.gateway.directory;

import dev.p2pkit.overlay.machine.Channel;
import dev.p2pkit.overlay.machine.FrameTypes;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.peer.gateway.directory.DirectoryMessage.Found;
import dev.p2pkit.peer.gateway.directory.DirectoryMessage.Lookup;
import dev.p2pkit.peer.gateway.directory.DirectoryMessage.Register;
import dev.p2pkit.peer.gateway.directory.DirectoryMessage.Unregister;
import dev.p2pkit.sdk.Key;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Encodes and decodes {@link DirectoryMessage}s: frame types 0x80 to 0x8F. */
public final class DirectoryCodec implements WireCodec {
  private static final int REGISTER = FrameTypes.DIRECTORY;
  private static final int UNREGISTER = FrameTypes.DIRECTORY + 1;
  private static final int LOOKUP = FrameTypes.DIRECTORY + 2;
  private static final int FOUND = FrameTypes.DIRECTORY + 3;

  @Override
  public int firstType() {
    return FrameTypes.DIRECTORY;
  }

  @Override
  public int lastType() {
    return FrameTypes.DIRECTORY + FrameTypes.EACH - 1;
  }

  @Override
  public boolean handles(WireMessage message) {
    return message instanceof DirectoryMessage;
  }

  @Override
  public int typeOf(WireMessage message) {
    if (message instanceof Register) {
      return REGISTER;
    } else if (message instanceof Unregister) {
      return UNREGISTER;
    } else if (message instanceof Lookup) {
      return LOOKUP;
    } else if (message instanceof Found) {
      return FOUND;
    }
    throw new IllegalArgumentException("not the directory's message: " + message.getClass());
  }

  @Override
  public Channel channelOf(int type) {
    return Channel.CONTROL;
  }

  @Override
  public void encode(WireMessage message, WireWriter out) {
    if (message instanceof Register register) {
      out.i32(register.sessions().size());
      register.sessions().forEach(out::key);
    } else if (message instanceof Unregister unregister) {
      out.key(unregister.session());
    } else if (message instanceof Lookup lookup) {
      out.i64(lookup.id()).key(lookup.session());
    } else if (message instanceof Found found) {
      out.i64(found.id()).bool(found.proxy().isPresent());
      found.proxy().ifPresent(out::ref);
    }
  }

  @Override
  public DirectoryMessage decode(int type, WireReader in) {
    return switch (type) {
      case REGISTER -> {
        int count = in.count(Register.MOST, Key.BYTES);
        List<Key> sessions = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
          sessions.add(in.key());
        }
        yield new Register(sessions);
      }
      case UNREGISTER -> new Unregister(in.key());
      case LOOKUP -> new Lookup(id(in), in.key());
      case FOUND -> new Found(id(in), in.bool() ? Optional.of(in.ref()) : Optional.empty());
      default -> throw new WireException("the directory has no frame of type " + type);
    };
  }

  private static long id(WireReader in) {
    long id = in.i64();
    if (id == 0) {
      throw new WireException("an id is never 0");
    }
    return id;
  }
}
