// Does what a ban asks: closes links, tells programs, writes the audit line.
package dev.p2pkit.peer.bans;

import dev.p2pkit.overlay.ban.BanNotice;
import dev.p2pkit.overlay.peer.OverlayPeer;
import dev.p2pkit.overlay.ring.RingMachine;
import dev.p2pkit.peer.notices.NoticeKeeper;
import dev.p2pkit.peer.notices.NoticeWriter;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.PeerId;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What bans do to a running peer. Called on the control thread. */
public final class BanKeeper extends NoticeKeeper<BanNotice> {
  private static final Logger AUDIT = LoggerFactory.getLogger("dev.p2pkit.audit");

  private final OverlayPeer overlay;
  private final PeerId self;
  private final Consumer<NetworkEvent> events;

  /**
   * A keeper.
   *
   * @param writer keeps the notices
   */
  public BanKeeper(
      OverlayPeer overlay,
      PeerId self,
      NoticeWriter<BanNotice> writer,
      Consumer<NetworkEvent> events) {
    super(overlay, RingMachine.TOPIC_BANS, writer);
    this.overlay = overlay;
    this.self = self;
    this.events = events;
  }

  @Override
  public void onNotice(BanNotice notice) {
    AUDIT.info("{}", notice);
    PeerId peer = notice.peer();
    if (notice.lifted()) {
      overlay.transport().readmit(peer);
      events.accept(new NetworkEvent.BanLifted(peer, notice.signedBy()));
      return;
    }
    if (!peer.equals(self)) {
      overlay.transport().revoke(peer);
    }
    events.accept(new NetworkEvent.PeerBanned(peer, notice.reason(), notice.signedBy()));
  }

  @Override
  public void onKept(BanNotice notice) {
    if (!notice.lifted() && !notice.peer().equals(self)) {
      overlay.transport().revoke(notice.peer());
    }
  }

  @Override
  public void onRefused(BanNotice notice, String why) {
    AUDIT.warn("not obeyed: {} ({})", notice, why);
  }
}
