// A ring machine that lies about others, for simulations of attacks; no real peer hosts it.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.ForwardingEffects;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.Machine;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.ring.MemberNews.Kind;
import dev.p2pkit.overlay.ring.MembershipMessage.ContactAnswer;
import dev.p2pkit.overlay.ring.MembershipMessage.Events;
import dev.p2pkit.overlay.ring.MembershipMessage.Finding;
import dev.p2pkit.overlay.ring.MembershipMessage.Told;
import dev.p2pkit.overlay.ring.MembershipMessage.WitnessAnswer;
import dev.p2pkit.overlay.ring.RingMessage.JoinRedirect;
import dev.p2pkit.overlay.ring.RingMessage.JoinRequest;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.function.Function;

/**
 * Keeps its own place by the rules. But it tells of deaths that have not happened, finds nobody
 * alive as a witness, passes nothing on for others, names liars as contacts, and sends newcomers to
 * liars.
 */
public final class LyingRing implements Machine {
  private static final long TIMER = Long.MAX_VALUE - 7;

  /** How often it tells of deaths (microseconds), and of how many. */
  private static final long PAUSE = 2_000_000;

  private static final int DEATHS = 4;

  private final RingMachine honest;
  private final Effects effects;
  private final NavigableMap<PeerId, PeerRef> liars;
  private int sequence = 1 << 20;

  /**
   * A liar.
   *
   * @param liars all that lie together
   * @param ring makes the honest machine, whose effects are not
   */
  public LyingRing(
      Effects effects, NavigableMap<PeerId, PeerRef> liars, Function<Effects, RingMachine> ring) {
    this.effects = effects;
    this.liars = liars;
    honest = ring.apply(new Twisted());
  }

  /** The machine within. */
  public RingMachine machine() {
    return honest;
  }

  @Override
  public void start(long now) {
    honest.start(now);
    effects.timer(TIMER, now + 1 + effects.random().nextLong(PAUSE));
  }

  @Override
  public void onMessage(long now, PeerRef from, WireMessage message) {
    if (message instanceof JoinRequest && liars.size() > 1) {
      effects.send(from, new JoinRedirect(anyLiar(), anyLiar()));
    } else if (!(message instanceof Relay relay && relay.via().equals(effects.self().id()))) {
      honest.onMessage(now, from, message);
    }
  }

  private PeerRef anyLiar() {
    List<PeerRef> all = List.copyOf(liars.values());
    return all.get(effects.random().nextInt(all.size()));
  }

  private List<PeerRef> someLiars(int count) {
    List<PeerRef> some = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      PeerRef liar = anyLiar();
      if (!some.contains(liar)) {
        some.add(liar);
      }
    }
    return some;
  }

  @Override
  public void onLink(long now, PeerId peer, LinkEvent event) {
    honest.onLink(now, peer, event);
  }

  @Override
  public void onTimer(long now, long token) {
    if (token != TIMER) {
      honest.onTimer(now, token);
      return;
    }
    RingView view = honest.view();
    if (view.joined() && view.size() > 2) {
      List<MemberNews> deaths = new ArrayList<>();
      for (int i = 0; i < DEATHS; i++) {
        PeerRef victim = view.member(effects.random().nextInt(view.size()));
        if (!liars.containsKey(victim.id())) {
          // Half of them of a process that does not exist yet: such a death cannot be refuted.
          long ahead = effects.random().nextInt(2);
          PeerRef process =
              new PeerRef(victim.id(), victim.endpoint(), victim.incarnation() + ahead);
          deaths.add(new MemberNews(Kind.FAILED, process, 0));
        }
      }
      PeerRef told = view.member(effects.random().nextInt(view.size()));
      effects.send(
          told,
          new Events(
              sequence++,
              EventLanes.Direction.CLOCKWISE,
              true,
              deaths.stream().map(death -> new Told(death, 0)).toList()));
    }
    effects.timer(TIMER, now + PAUSE);
  }

  @Override
  public void onView(long now, RingView view) {
    honest.onView(now, view);
  }

  /** What the honest machine means to say, and what is said. */
  private final class Twisted extends ForwardingEffects {
    Twisted() {
      super(effects);
    }

    @Override
    public void send(PeerRef to, WireMessage message) {
      super.send(to, twisted(message));
    }

    @Override
    public boolean offer(PeerRef to, WireMessage message) {
      return super.offer(to, twisted(message));
    }

    private WireMessage twisted(WireMessage message) {
      if (message instanceof WitnessAnswer word && !liars.containsKey(word.about().id())) {
        return new WitnessAnswer(word.nonce(), word.about(), Finding.SILENT);
      } else if (message instanceof ContactAnswer answer && !liars.isEmpty()) {
        return new ContactAnswer(answer.nonce(), someLiars(answer.named().size()));
      }
      return message;
    }
  }
}
