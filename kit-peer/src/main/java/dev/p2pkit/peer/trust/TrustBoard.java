// The notices of trust of a peer.
package dev.p2pkit.peer.trust;

import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.notice.NoticeBoard;
import dev.p2pkit.overlay.notice.NoticeCodec;
import dev.p2pkit.overlay.notice.NoticeListener;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/** What a peer knows of the root's word on owners and names; it has verified it itself. */
public final class TrustBoard extends NoticeBoard<TrustNotice> {
  /**
   * The notices of a peer.
   *
   * @param root the network root's raw public key; without one no notice is obeyed
   * @param kept what {@link NoticeListener#keep} was given before; verified again
   * @param wallMillis the time since 1970 in milliseconds
   */
  public TrustBoard(
      Effects effects,
      String network,
      Optional<byte[]> root,
      List<TrustNotice> kept,
      LongSupplier wallMillis,
      NoticeListener<TrustNotice> listener) {
    super(effects, TrustNotice.KIND, network, root, kept, wallMillis, listener);
  }

  /** What the notices come to. */
  public TrustRules rules() {
    return TrustRules.of(notices());
  }

  /** The frames. */
  public static NoticeCodec<TrustNotice> codec() {
    return new NoticeCodec<>(TrustNotice.KIND);
  }
}
