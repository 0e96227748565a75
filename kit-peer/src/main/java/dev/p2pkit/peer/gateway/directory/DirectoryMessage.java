// What peers say to each other about sessions.
package dev.p2pkit.peer.gateway.directory;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.sdk.Key;
import java.util.List;
import java.util.Optional;

/** The messages of the session directory. */
public sealed interface DirectoryMessage extends WireMessage {
  /** A proxy peer to an owner: these sessions are attached to me. */
  record Register(List<Key> sessions) implements DirectoryMessage {
    /** The most sessions in one message. */
    public static final int MOST = 1_024;

    /** Copies the list. */
    public Register {
      sessions = List.copyOf(sessions);
    }
  }

  /** A proxy peer to an owner: this session is no longer attached to me. */
  record Unregister(Key session) implements DirectoryMessage {}

  /** Anybody to an owner: where is this session? The id is never 0. */
  record Lookup(long id, Key session) implements DirectoryMessage {}

  /** The answer; empty if the owner does not know. */
  record Found(long id, Optional<PeerRef> proxy) implements DirectoryMessage {}
}
