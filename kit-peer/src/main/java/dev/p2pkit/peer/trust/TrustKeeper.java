// Does what the root's word on owners and names asks: tells the registry, writes the audit line.
package dev.p2pkit.peer.trust;

import dev.p2pkit.overlay.peer.OverlayPeer;
import dev.p2pkit.overlay.ring.RingMachine;
import dev.p2pkit.peer.audit.AuditEntry;
import dev.p2pkit.peer.notices.NoticeKeeper;
import dev.p2pkit.peer.notices.NoticeWriter;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.PeerId;
import java.util.function.Consumer;

/** What notices of trust do to a running peer. Called on the control thread. */
public final class TrustKeeper extends NoticeKeeper<TrustNotice> {
  private final PeerId self;
  private final Consumer<AuditEntry> audit;
  private final Runnable changed;

  /**
   * A keeper.
   *
   * @param writer keeps the notices
   * @param audit takes a line for each notice
   * @param changed called after each notice that holds
   */
  public TrustKeeper(
      OverlayPeer overlay,
      PeerId self,
      NoticeWriter<TrustNotice> writer,
      Consumer<AuditEntry> audit,
      Runnable changed) {
    super(overlay, RingMachine.TOPIC_TRUST, writer);
    this.self = self;
    this.audit = audit;
    this.changed = changed;
  }

  @Override
  public void onNotice(TrustNotice notice) {
    audit.accept(
        AuditEntry.word(owner(notice), name(notice), notice.signedBy(), self, text(notice)));
    changed.run();
  }

  @Override
  public void onKept(TrustNotice notice) {
    // The registry has begun with what was kept.
  }

  @Override
  public void onRefused(TrustNotice notice, String why) {
    audit.accept(
        AuditEntry.word(
            owner(notice),
            name(notice),
            notice.signedBy(),
            self,
            ErrorCode.UNAUTHORISED,
            "not obeyed, as " + why + ": " + text(notice)));
  }

  private static String owner(TrustNotice notice) {
    TrustWord word = notice.word();
    return word instanceof TrustWord.OfOwner of
        ? of.owner()
        : word instanceof TrustWord.OfName of ? of.owner().orElse("") : "";
  }

  private static String name(TrustNotice notice) {
    return notice.word() instanceof TrustWord.OfName of ? of.pattern().text() : "";
  }

  private static String text(TrustNotice notice) {
    return notice.word() + (notice.note().isEmpty() ? "" : " (" + notice.note() + ")");
  }
}
