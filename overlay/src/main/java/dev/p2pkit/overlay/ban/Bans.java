// The bans of a peer: who is shut out.
package dev.p2pkit.overlay.ban;

import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.notice.NoticeBoard;
import dev.p2pkit.overlay.notice.NoticeListener;
import dev.p2pkit.sdk.PeerId;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/** The notices of bans that a peer knows; it obeys what it has verified itself. */
public final class Bans extends NoticeBoard<BanNotice> {
  /**
   * The bans of a peer.
   *
   * @param root the network root's raw public key; without one no notice is obeyed
   * @param kept what {@link NoticeListener#keep} was given before; verified again
   * @param wallMillis the time since 1970 in milliseconds
   */
  public Bans(
      Effects effects,
      String network,
      Optional<byte[]> root,
      List<BanNotice> kept,
      LongSupplier wallMillis,
      NoticeListener<BanNotice> listener) {
    super(effects, BanNotice.KIND, network, root, kept, wallMillis, listener);
  }

  /** Whether a peer is banned. */
  public boolean isBanned(PeerId peer) {
    return latest(peer.toString()).filter(notice -> !notice.lifted()).isPresent();
  }
}
