// What notices ask of their peer.
package dev.p2pkit.overlay.notice;

import java.util.List;

/** Told by a {@link NoticeBoard}, from inside of it: must not call back. */
public interface NoticeListener<N extends Notice> {
  /** A notice holds from now on. */
  void onNotice(N notice);

  /** A notice that was kept from before holds still; told at the start. */
  void onKept(N notice);

  /** A notice was not obeyed. */
  void onRefused(N notice, String why);

  /** Tells every peer; the payload goes to {@link NoticeBoard#onBroadcast} of each. */
  void broadcast(byte[] payload);

  /** Keeps all notices so that the next start has them. */
  void keep(List<N> all);
}
