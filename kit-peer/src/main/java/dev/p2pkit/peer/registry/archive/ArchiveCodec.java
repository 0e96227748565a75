// The frames of the archive transfer.
package dev.p2pkit.peer.registry.archive;

import dev.p2pkit.client.record.Chunks;
import dev.p2pkit.overlay.machine.Channel;
import dev.p2pkit.overlay.machine.FrameTypes;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.peer.registry.archive.ArchiveMessage.Chunk;
import dev.p2pkit.peer.registry.archive.ArchiveMessage.ChunkRefused;
import dev.p2pkit.peer.registry.archive.ArchiveMessage.ChunkRequest;
import dev.p2pkit.peer.registry.archive.ArchiveMessage.Reason;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.Key;
import java.util.HexFormat;

/** Three frames, all on the bulk channel. */
public final class ArchiveCodec implements WireCodec {
  private static final int REQUEST = FrameTypes.ARCHIVE;
  private static final int CHUNK = FrameTypes.ARCHIVE + 1;
  private static final int REFUSED = FrameTypes.ARCHIVE + 2;
  private static final int HASH_BYTES = 32;

  @Override
  public int firstType() {
    return FrameTypes.ARCHIVE;
  }

  @Override
  public int lastType() {
    return FrameTypes.ARCHIVE + FrameTypes.EACH - 1;
  }

  @Override
  public boolean handles(WireMessage message) {
    return message instanceof ArchiveMessage;
  }

  @Override
  public int typeOf(WireMessage message) {
    if (message instanceof ChunkRequest) {
      return REQUEST;
    }
    return message instanceof Chunk ? CHUNK : REFUSED;
  }

  @Override
  public Channel channelOf(int type) {
    return Channel.BULK;
  }

  @Override
  public void encode(WireMessage message, WireWriter out) {
    if (message instanceof ChunkRequest request) {
      byte[] hash = HexFormat.of().parseHex(request.hash());
      out.i64(request.id()).raw(hash, 0, hash.length).i32(request.index()).key(request.grant());
    } else if (message instanceof Chunk chunk) {
      out.i64(chunk.id()).bytes(chunk.bytes());
    } else if (message instanceof ChunkRefused refused) {
      out.i64(refused.id()).u8(refused.reason().ordinal());
    } else {
      throw new IllegalArgumentException("not a message of the archive transfer: " + message);
    }
  }

  @Override
  public WireMessage decode(int type, WireReader in) {
    long id = in.i64();
    if (id == 0) {
      throw new WireException("a request's id is never 0");
    }
    switch (type) {
      case REQUEST -> {
        byte[] hash = new byte[HASH_BYTES];
        for (int i = 0; i < HASH_BYTES; i++) {
          hash[i] = (byte) in.u8();
        }
        int index = in.i32();
        if (index < 0 || index >= Chunks.count(Archive.MAX_BYTES)) {
          throw new WireException("no archive has a chunk " + index);
        }
        Key grant = in.key();
        return new ChunkRequest(id, HexFormat.of().formatHex(hash), index, grant);
      }
      case CHUNK -> {
        return new Chunk(id, in.bytes(Chunks.BYTES));
      }
      case REFUSED -> {
        int reason = in.u8();
        if (reason >= Reason.values().length) {
          throw new WireException("an unknown reason " + reason + " for refusing a chunk");
        }
        return new ChunkRefused(id, Reason.values()[reason]);
      }
      default -> throw new WireException("an unknown frame of the archive transfer: " + type);
    }
  }
}
