// Brings notices to the network, and keeps those that hold.
package dev.p2pkit.peer.notices;

import dev.p2pkit.overlay.notice.Notice;
import dev.p2pkit.overlay.notice.NoticeBoard;
import dev.p2pkit.overlay.notice.NoticeListener;
import dev.p2pkit.overlay.peer.OverlayPeer;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a running peer does with notices of any kind. Called on the control thread. */
public abstract class NoticeKeeper<N extends Notice> implements NoticeListener<N> {
  private static final Logger LOG = LoggerFactory.getLogger(NoticeKeeper.class);
  private static final Duration LIFE = Duration.ofSeconds(20);

  private final OverlayPeer overlay;
  private final int topic;
  private final NoticeWriter<N> writer;

  /**
   * A keeper.
   *
   * @param topic of the broadcasts that carry the notices
   * @param writer keeps them
   */
  protected NoticeKeeper(OverlayPeer overlay, int topic, NoticeWriter<N> writer) {
    this.overlay = overlay;
    this.topic = topic;
    this.writer = writer;
  }

  /** How often the notices could not be kept so far; they are tried again. Any thread. */
  public final long unstored() {
    return writer.failures();
  }

  /** Publishes a notice network-wide; fails with UNAUTHORISED if this peer does not obey it. */
  public final CompletableFuture<Void> publish(NoticeBoard<N> board, N notice) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    overlay.run(
        now ->
            board
                .publish(notice)
                .ifPresentOrElse(
                    why ->
                        done.completeExceptionally(
                            new KitException(
                                ErrorCode.UNAUTHORISED, "the notice is not obeyed: " + why)),
                    () -> done.complete(null)));
    return done;
  }

  /** All notices that this peer knows. */
  public final CompletableFuture<List<N>> notices(NoticeBoard<N> board) {
    CompletableFuture<List<N>> done = new CompletableFuture<>();
    overlay.run(now -> done.complete(board.notices()));
    return done;
  }

  @Override
  public final void broadcast(byte[] payload) {
    // Neighbours compare what they know, so whoever this misses learns it then.
    CompletableFuture<?> unused =
        overlay
            .broadcast(topic, payload, LIFE)
            .whenComplete((report, failed) -> LOG.debug("a notice was sent: {}", report, failed));
  }

  @Override
  public final void keep(List<N> all) {
    writer.keep(all);
  }
}
