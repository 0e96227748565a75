// Both sides of observing: a member that is proxy of observers, and an observer that keeps a proxy.
package dev.p2pkit.overlay.observer;

import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.Holding;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.Machine;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.SortedPeers;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.observer.ObserverMessage.Attach;
import dev.p2pkit.overlay.observer.ObserverMessage.Attached;
import dev.p2pkit.overlay.observer.ObserverMessage.Detach;
import dev.p2pkit.overlay.observer.ObserverMessage.Found;
import dev.p2pkit.overlay.observer.ObserverMessage.Seek;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The proxy of an observer is the peer after it on the ring, as in P2PS: messages to the observer's
 * position arrive there by themselves, and it passes them on. When the proxy dies, the next peer in
 * its list takes its place; when a peer comes between the two, the old proxy names it.
 */
public final class ObserverMachine implements Machine {
  static final int MOST_LISTED = 16;

  /** How many observers one member serves. */
  private static final int MOST_OBSERVERS = 4_096;

  /** The peers after the last proxy, and some that helped to find it. */
  private static final int MOST_ASKED = 32;

  private static final long TIMER = 1;
  private static final long RETRY = 500_000;
  private static final long REFRESH = 2_000_000;

  /** What this tells its host. */
  public interface Host {
    /** An observer has attached to this member. */
    void attached(PeerId observer);

    /** It has gone, or has another proxy now. */
    void detached(PeerId observer);

    /** This observer has a proxy: the network as it sees it. */
    void observes(PeerRef proxy, RingView view);
  }

  private final Effects effects;
  private final Host host;
  private RingView view;
  private final Map<PeerId, PeerRef> observers = new LinkedHashMap<>();

  // As an observer:
  private List<PeerRef> contacts = List.of();
  private List<PeerRef> after = List.of();
  private boolean observing;
  private @Nullable PeerRef proxy;

  /** Whom this observer has asked lately; nobody else becomes its proxy or names one. */
  private final Set<PeerId> asked = new LinkedHashSet<>();

  private int tries;
  private long version;

  /** Neither a proxy nor an observer yet. */
  public ObserverMachine(Effects effects, Host host) {
    this.effects = effects;
    this.host = host;
    view = RingView.outside(effects.self());
  }

  /** The observers whose proxy this member is. */
  public List<PeerId> observers() {
    return List.copyOf(observers.keySet());
  }

  /** Begins to observe through the member after this peer, which these peers help to find. */
  public void begin(long now, List<PeerRef> met) {
    contacts = List.copyOf(met);
    observing = true;
    ask(contacts.get(0), new Seek());
    effects.timer(TIMER, now + RETRY);
  }

  /** Observes no more. */
  public void end() {
    observing = false;
    effects.cancel(TIMER);
    PeerRef last = proxy;
    proxy = null;
    if (last != null) {
      effects.send(last, new Detach());
    }
  }

  @Override
  public void onView(long now, RingView next) {
    if (observing) {
      return;
    }
    view = next;
    for (PeerRef observer : List.copyOf(observers.values())) {
      if (!isAfter(observer.id())) {
        observers.remove(observer.id());
        host.detached(observer.id());
        effects.send(observer, new Found(after(observer.id())));
      }
    }
  }

  /** Whether this member is the first at or after a position. */
  private boolean isAfter(PeerId observer) {
    return view.joined()
        && (view.predecessors().isEmpty()
            || observer
                .position()
                .isIn(view.predecessor().id().position(), view.self().id().position()));
  }

  private List<PeerRef> after(PeerId observer) {
    List<PeerRef> listed = new ArrayList<>();
    int at = view.indexAtOrAfter(observer.position());
    for (int i = 0; i < view.size() && listed.size() < MOST_LISTED; i++) {
      PeerRef member = view.member((at + i) % view.size());
      if (!member.id().equals(observer)) {
        listed.add(member);
      }
    }
    return listed;
  }

  @Override
  public void onMessage(long now, PeerRef from, WireMessage message) {
    if (message instanceof Seek && view.joined()) {
      effects.send(from, new Found(after(from.id())));
    } else if (message instanceof Attach && view.joined()) {
      attach(from);
    } else if (message instanceof Detach) {
      gone(from.id());
    } else if (message instanceof Found found && observing && asked.contains(from.id())) {
      found(from, found.after());
    } else if (message instanceof Attached attached && observing && asked.contains(from.id())) {
      attached(from, attached.after());
    }
  }

  private void attach(PeerRef observer) {
    boolean room = observers.size() < MOST_OBSERVERS || observers.containsKey(observer.id());
    if (!isAfter(observer.id()) || !room) {
      effects.send(observer, new Found(after(observer.id())));
      return;
    }
    if (observers.put(observer.id(), observer) == null) {
      host.attached(observer.id());
    }
    List<PeerRef> next = after(observer.id());
    effects.send(observer, new Attached(next));
  }

  private void gone(PeerId observer) {
    if (observers.remove(observer) != null) {
      host.detached(observer);
    }
  }

  private void found(PeerRef from, List<PeerRef> listed) {
    PeerRef present = proxy;
    if (present != null && !present.id().equals(from.id())) {
      return;
    }
    proxy = null;
    if (!listed.isEmpty()) {
      after = listed;
      tries = 0;
      ask(listed.get(0), new Attach());
    }
  }

  private void ask(PeerRef peer, ObserverMessage question) {
    asked.remove(peer.id());
    asked.add(peer.id());
    if (asked.size() > MOST_ASKED) {
      asked.remove(asked.iterator().next());
    }
    effects.send(peer, question);
  }

  private void attached(PeerRef from, List<PeerRef> listed) {
    after = listed.isEmpty() ? List.of(from) : listed;
    tries = 0;
    PeerRef before = proxy;
    proxy = from;
    if (before == null || !before.equals(from)) {
      host.observes(from, observed(from));
    }
  }

  /** Knows its proxy and is sure of nothing but its own position. */
  private RingView observed(PeerRef through) {
    PeerRef self = effects.self();
    Key here = self.id().position();
    return RingView.partial(
            self,
            true,
            ++version,
            List.of(),
            List.of(through),
            SortedPeers.of(List.of(self, through)),
            here.plus(new Key(-1, -1)),
            here)
        .holding(new Holding());
  }

  @Override
  public void onLink(long now, PeerId peer, LinkEvent event) {
    if (event == LinkEvent.UP) {
      return;
    }
    gone(peer);
    PeerRef present = proxy;
    if (observing && present != null && present.id().equals(peer)) {
      proxy = null;
      after = after.stream().filter(member -> !member.id().equals(peer)).toList();
      next(now);
    }
  }

  @Override
  public void onTimer(long now, long token) {
    if (!observing) {
      return;
    }
    PeerRef present = proxy;
    if (present == null) {
      next(now);
    } else {
      ask(present, new Attach());
      effects.timer(TIMER, now + REFRESH);
    }
  }

  /** Tries the peers that were after the last proxy, then those that helped to find it. */
  private void next(long now) {
    int known = after.size() + contacts.size();
    if (known > 0) {
      int at = tries++ % known;
      if (at < after.size()) {
        ask(after.get(at), new Attach());
      } else {
        ask(contacts.get(at - after.size()), new Seek());
      }
    }
    effects.timer(TIMER, now + RETRY);
  }
}
