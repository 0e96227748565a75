// Does what a ban asks: closes links, keeps the notice, tells programs, writes the audit line.
package dev.p2pkit.peer.bans;

import dev.p2pkit.overlay.ban.BanListener;
import dev.p2pkit.overlay.ban.BanNotice;
import dev.p2pkit.overlay.ban.Bans;
import dev.p2pkit.overlay.peer.OverlayPeer;
import dev.p2pkit.overlay.ring.RingMachine;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.PeerId;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What bans do to a running peer. Called on the control thread; files are written elsewhere. */
public final class BanKeeper implements BanListener {
  private static final Logger AUDIT = LoggerFactory.getLogger("dev.p2pkit.audit");
  private static final Logger LOG = LoggerFactory.getLogger(BanKeeper.class);
  private static final Duration LIFE = Duration.ofSeconds(20);

  private final OverlayPeer overlay;
  private final PeerId self;
  private final BanFile file;
  private final Executor files;
  private final Consumer<NetworkEvent> events;

  /**
   * A keeper.
   *
   * @param files where the file is written: one thread, so that the last state is written last
   */
  public BanKeeper(
      OverlayPeer overlay,
      PeerId self,
      BanFile file,
      Executor files,
      Consumer<NetworkEvent> events) {
    this.overlay = overlay;
    this.self = self;
    this.file = file;
    this.files = files;
    this.events = events;
  }

  /** Publishes a notice network-wide; fails with UNAUTHORISED if this peer does not obey it. */
  public CompletableFuture<Void> publish(Bans bans, BanNotice notice) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    overlay.run(
        now ->
            bans.publish(notice)
                .ifPresentOrElse(
                    why ->
                        done.completeExceptionally(
                            new KitException(
                                ErrorCode.UNAUTHORISED, "the notice is not obeyed: " + why)),
                    () -> done.complete(null)));
    return done;
  }

  /** All notices that this peer knows. */
  public CompletableFuture<List<BanNotice>> notices(Bans bans) {
    CompletableFuture<List<BanNotice>> done = new CompletableFuture<>();
    overlay.run(now -> done.complete(bans.notices()));
    return done;
  }

  @Override
  public void onNotice(BanNotice notice) {
    AUDIT.info("{}", notice);
    PeerId subject = notice.subject();
    if (notice.lifted()) {
      overlay.transport().readmit(subject);
      events.accept(new NetworkEvent.BanLifted(subject, notice.signedBy()));
      return;
    }
    if (!subject.equals(self)) {
      overlay.transport().revoke(subject);
    }
    events.accept(new NetworkEvent.PeerBanned(subject, notice.reason(), notice.signedBy()));
  }

  @Override
  public void onKept(BanNotice notice) {
    if (!notice.lifted() && !notice.subject().equals(self)) {
      overlay.transport().revoke(notice.subject());
    }
  }

  @Override
  public void onRefused(BanNotice notice, String why) {
    AUDIT.warn("not obeyed: {} ({})", notice, why);
  }

  @Override
  public void broadcast(byte[] payload) {
    // Neighbours compare what they know, so whoever this misses learns it then.
    CompletableFuture<?> unused =
        overlay
            .broadcast(RingMachine.TOPIC_BANS, payload, LIFE)
            .whenComplete((report, failed) -> LOG.debug("a ban was sent: {}", report, failed));
  }

  @Override
  public void keep(List<BanNotice> all) {
    files.execute(
        () -> {
          try {
            file.save(all);
          } catch (KitException e) {
            LOG.warn("{}", e.detail());
          }
        });
  }
}
