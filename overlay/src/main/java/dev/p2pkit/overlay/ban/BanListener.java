// What bans ask of their peer.
package dev.p2pkit.overlay.ban;

import java.util.List;

/** Told by a {@link Bans} machine, from inside of it: must not call back. */
public interface BanListener {
  /** A notice holds from now on: links to the peer close, or it is welcome again. */
  void onNotice(BanNotice notice);

  /** A notice that was kept from before holds still; told at the start. */
  void onKept(BanNotice notice);

  /** A notice was not obeyed. */
  void onRefused(BanNotice notice, String why);

  /** Tells every peer; the payload goes to {@link Bans#onBroadcast} of each. */
  void broadcast(byte[] payload);

  /** Keeps all notices so that the next start has them. */
  void keep(List<BanNotice> all);
}
