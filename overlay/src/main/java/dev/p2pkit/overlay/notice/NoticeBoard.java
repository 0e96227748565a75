// Spreads signed notices to every peer and obeys them.
package dev.p2pkit.overlay.notice;

import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.Machine;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.notice.NoticeLedger.Verdict;
import dev.p2pkit.overlay.notice.NoticeMessage.Notices;
import dev.p2pkit.overlay.notice.NoticeMessage.Offer;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.PeerId;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The notices of one kind that a peer knows, as a machine. A notice goes out by broadcast;
 * neighbours on the ring compare a digest every few seconds, and at once when they become
 * neighbours, so that who missed the broadcast, was away or has just joined learns it too. What a
 * peer obeys it has verified itself.
 *
 * <p>A small question has a large answer, and a notice costs a check of a signature. So a peer is
 * answered at most once in {@link Recent#SPAN}, and at most {@link Recent#MOST} peers in that time;
 * the first notice that is not to be obeyed ends the message it came with, and nothing is taken
 * from its sender for as long.
 */
public class NoticeBoard<N extends Notice> implements Machine {
  private static final long TIMER = 1;

  /** How often neighbours compare (microseconds). */
  private static final long PAUSE = 5_000_000;

  private final Effects effects;
  private final NoticeKind<N> kind;
  private final NoticeLedger<N> ledger;
  private final NoticeListener<N> listener;
  private final LongSupplier wallMillis;
  private final Recent answered = new Recent();
  private final Recent muted = new Recent();
  private @Nullable PeerRef neighbour;
  private long unanswered;
  private long ignored;

  /**
   * The notices of a peer.
   *
   * @param root the network root's raw public key; without one no notice is obeyed
   * @param kept what {@link NoticeListener#keep} was given before; verified again
   * @param wallMillis the time since 1970 in milliseconds
   */
  public NoticeBoard(
      Effects effects,
      NoticeKind<N> kind,
      String network,
      Optional<byte[]> root,
      List<N> kept,
      LongSupplier wallMillis,
      NoticeListener<N> listener) {
    this.effects = effects;
    this.kind = kind;
    this.listener = listener;
    this.wallMillis = wallMillis;
    ledger = new NoticeLedger<>(network, root);
    // Not through take(): the notices are where they are to be kept.
    for (N notice : kept) {
      if (ledger.take(notice, wallMillis.getAsLong()) instanceof Verdict.Refused refused) {
        listener.onRefused(notice, refused.why());
      }
    }
  }

  /** The latest notice about each subject, in the order of the subjects. */
  public final List<N> notices() {
    return ledger.all();
  }

  /** What was not answered and not looked at so far; other threads may see it a moment late. */
  public final NoticeStatistics statistics() {
    return new NoticeStatistics(unanswered, ignored);
  }

  /** The latest notice about a subject. */
  public final Optional<N> latest(String subject) {
    return ledger.latest(subject);
  }

  /**
   * Publishes a notice that somebody brought to this peer.
   *
   * @return why it is refused; empty if it holds now or was known
   */
  public final Optional<String> publish(N notice) {
    Verdict verdict = take(notice);
    if (verdict instanceof Verdict.Refused refused) {
      return Optional.of(refused.why());
    }
    listener.broadcast(notice.encode());
    return Optional.empty();
  }

  /** A broadcast of a notice has arrived; an error code if it is not obeyed. */
  public final Optional<ErrorCode> onBroadcast(byte[] payload) {
    try {
      if (payload.length > kind.mostBytes()) {
        return Optional.of(ErrorCode.PROTOCOL_ERROR);
      }
      return take(kind.decode().apply(payload)) instanceof Verdict.Refused
          ? Optional.of(ErrorCode.BAD_SIGNATURE)
          : Optional.empty();
    } catch (WireException garbled) {
      return Optional.of(ErrorCode.PROTOCOL_ERROR);
    }
  }

  private Verdict take(N notice) {
    Verdict verdict = ledger.take(notice, wallMillis.getAsLong());
    if (verdict instanceof Verdict.Taken) {
      listener.keep(ledger.all());
      listener.onNotice(notice);
    } else if (verdict instanceof Verdict.Refused refused) {
      listener.onRefused(notice, refused.why());
    }
    return verdict;
  }

  @Override
  public final void start(long now) {
    ledger.all().forEach(listener::onKept);
    effects.timer(TIMER, now + PAUSE);
  }

  @Override
  public final void onView(long now, RingView view) {
    PeerRef before = neighbour;
    neighbour = view.joined() && !view.successors().isEmpty() ? view.successors().get(0) : null;
    if (neighbour != null && !neighbour.equals(before)) {
      offer(neighbour);
    }
  }

  @Override
  public final void onTimer(long now, long token) {
    PeerRef present = neighbour;
    if (present != null) {
      offer(present);
    }
    effects.timer(TIMER, now + PAUSE * 3 / 4 + effects.random().nextLong(PAUSE / 2));
  }

  /** Who can obey nothing has nothing to compare. */
  private void offer(PeerRef to) {
    if (ledger.canObey()) {
      effects.send(to, kind.offer().apply(ledger.digest()));
    }
  }

  @Override
  public final void onMessage(long now, PeerRef from, WireMessage message) {
    if (message instanceof Offer offer) {
      if (offer.digest() != ledger.digest()) {
        answer(now, from, true);
      }
    } else if (message instanceof Notices<?> told) {
      takeAll(now, from.id(), mine(told.notices()));
      if (told.more()) {
        answer(now, from, false);
      }
    }
  }

  /** The codec of the kind has read them, so they are of the kind. */
  @SuppressWarnings("unchecked")
  private List<N> mine(List<? extends Notice> notices) {
    return (List<N>) notices;
  }

  private void takeAll(long now, PeerId from, List<N> notices) {
    int taken = 0;
    while (taken < notices.size() && !muted.holds(now, from)) {
      if (take(notices.get(taken)) instanceof Verdict.Refused) {
        muted.note(now, from); // many liars must not keep honest neighbours unheard
      }
      taken++;
    }
    ignored += notices.size() - taken;
  }

  private void answer(long now, PeerRef to, boolean more) {
    if (ledger.canObey() && answered.add(now, to.id())) {
      tellAll(to, more);
    } else {
      unanswered++;
    }
  }

  private void tellAll(PeerRef to, boolean more) {
    List<N> all = ledger.all();
    int start = 0;
    do {
      int end = Math.min(all.size(), start + NoticeCodec.PER_FRAME);
      // The last frame asks for the other's, when those before it have been taken.
      effects.send(to, kind.told().of(more && end == all.size(), all.subList(start, end)));
      start = end;
    } while (start < all.size());
  }
}
