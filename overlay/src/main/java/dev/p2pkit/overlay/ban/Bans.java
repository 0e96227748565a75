// Spreads bans to every peer and obeys them.
package dev.p2pkit.overlay.ban;

import dev.p2pkit.overlay.ban.BanLedger.Verdict;
import dev.p2pkit.overlay.ban.BanMessage.Notices;
import dev.p2pkit.overlay.ban.BanMessage.Offer;
import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.Machine;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.PeerId;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The bans of one peer as a machine. A notice goes out by broadcast; neighbours on the ring compare
 * a digest every few seconds, and at once when they become neighbours, so that who missed the
 * broadcast, was away or has just joined learns it too. What a peer obeys it has verified itself.
 *
 * <p>A small question has a large answer, and a notice costs a check of a signature. So a peer is
 * answered at most once in {@link Recent#SPAN}, and at most {@link Recent#MOST} peers in that time;
 * the first notice that is not to be obeyed ends the message it came with, and nothing is taken
 * from its sender for as long.
 */
public final class Bans implements Machine {
  private static final long TIMER = 1;

  /** How often neighbours compare (microseconds). */
  private static final long PAUSE = 5_000_000;

  private final Effects effects;
  private final BanLedger ledger;
  private final BanListener listener;
  private final LongSupplier wallMillis;
  private final Recent answered = new Recent();
  private final Recent muted = new Recent();
  private @Nullable PeerRef neighbour;
  private long unanswered;
  private long ignored;

  /**
   * The bans of a peer.
   *
   * @param root the network root's raw public key; without one no notice is obeyed
   * @param kept what {@link BanListener#keep} was given before; verified again
   * @param wallMillis the time since 1970 in milliseconds
   */
  public Bans(
      Effects effects,
      String network,
      Optional<byte[]> root,
      List<BanNotice> kept,
      LongSupplier wallMillis,
      BanListener listener) {
    this.effects = effects;
    this.listener = listener;
    this.wallMillis = wallMillis;
    ledger = new BanLedger(network, root);
    // Not through take(): the notices are where they are to be kept.
    for (BanNotice notice : kept) {
      if (ledger.take(notice, wallMillis.getAsLong()) instanceof Verdict.Refused refused) {
        listener.onRefused(notice, refused.why());
      }
    }
  }

  /** All notices, lifted ones too, in the order of the ids. */
  public List<BanNotice> notices() {
    return ledger.all();
  }

  /** What was not answered and not looked at so far; other threads may see it a moment late. */
  public BanStatistics statistics() {
    return new BanStatistics(unanswered, ignored);
  }

  /** Whether a peer is banned. */
  public boolean isBanned(PeerId peer) {
    return ledger.isBanned(peer);
  }

  /**
   * Publishes a notice that somebody brought to this peer.
   *
   * @return why it is refused; empty if it holds now or was known
   */
  public Optional<String> publish(BanNotice notice) {
    Verdict verdict = take(notice);
    if (verdict instanceof Verdict.Refused refused) {
      return Optional.of(refused.why());
    }
    listener.broadcast(BanCodec.payload(notice));
    return Optional.empty();
  }

  /** A broadcast of bans has arrived; an error code if it is not obeyed. */
  public Optional<ErrorCode> onBroadcast(byte[] payload) {
    try {
      return take(BanNotice.decode(payload)) instanceof Verdict.Refused
          ? Optional.of(ErrorCode.BAD_SIGNATURE)
          : Optional.empty();
    } catch (WireException garbled) {
      return Optional.of(ErrorCode.PROTOCOL_ERROR);
    }
  }

  private Verdict take(BanNotice notice) {
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
  public void start(long now) {
    ledger.all().forEach(listener::onKept);
    effects.timer(TIMER, now + PAUSE);
  }

  @Override
  public void onView(long now, RingView view) {
    PeerRef before = neighbour;
    neighbour = view.joined() && !view.successors().isEmpty() ? view.successors().get(0) : null;
    if (neighbour != null && !neighbour.equals(before)) {
      offer(neighbour);
    }
  }

  @Override
  public void onTimer(long now, long token) {
    PeerRef present = neighbour;
    if (present != null) {
      offer(present);
    }
    effects.timer(TIMER, now + PAUSE * 3 / 4 + effects.random().nextLong(PAUSE / 2));
  }

  /** Who can obey nothing has nothing to compare. */
  private void offer(PeerRef to) {
    if (ledger.canObey()) {
      effects.send(to, new Offer(ledger.digest()));
    }
  }

  @Override
  public void onMessage(long now, PeerRef from, WireMessage message) {
    if (message instanceof Offer offer) {
      if (offer.digest() != ledger.digest()) {
        answer(now, from, true);
      }
    } else if (message instanceof Notices told) {
      takeAll(now, from.id(), told.notices());
      if (told.more()) {
        answer(now, from, false);
      }
    }
  }

  private void takeAll(long now, PeerId from, List<BanNotice> notices) {
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
    List<BanNotice> all = ledger.all();
    int start = 0;
    do {
      int end = Math.min(all.size(), start + BanCodec.PER_FRAME);
      // The last frame asks for the other's, when those before it have been taken.
      effects.send(to, new Notices(more && end == all.size(), all.subList(start, end)));
      start = end;
    } while (start < all.size());
  }
}
