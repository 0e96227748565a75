// Keeps the ring informed of which sessions are attached here.
package dev.p2pkit.peer;

import dev.p2pkit.overlay.peer.OverlayPeer;
import dev.p2pkit.peer.gateway.Gateway;
import dev.p2pkit.peer.gateway.directory.SessionDirectory;
import dev.p2pkit.sdk.Key;

/**
 * Passes the gateway's sessions on to the directory, on the control thread.
 *
 * @param overlay has the control thread
 * @param directory tells the owner of a session's id
 */
record SessionNews(OverlayPeer overlay, SessionDirectory directory)
    implements Gateway.SessionListener {
  @Override
  public void attached(Key session) {
    overlay.run(now -> directory.attach(now, session));
  }

  @Override
  public void detached(Key session) {
    overlay.run(now -> directory.detach(now, session));
  }
}
