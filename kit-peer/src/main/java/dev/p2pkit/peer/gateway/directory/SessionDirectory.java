// Finds the peer to which a client's session is attached.
package dev.p2pkit.peer.gateway.directory;

import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.Machine;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.peer.gateway.directory.DirectoryMessage.Found;
import dev.p2pkit.peer.gateway.directory.DirectoryMessage.Lookup;
import dev.p2pkit.peer.gateway.directory.DirectoryMessage.Register;
import dev.p2pkit.peer.gateway.directory.DirectoryMessage.Unregister;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Knows to which peer a session is attached. The owner of the session's id keeps the entry; the
 * proxy peer registers it, again when the owner changes, and again every few seconds, so that an
 * entry that was lost with its owner is back soon and one of a dead proxy peer goes.
 *
 * <p>What an owner says is soft state: a proxy peer that does not have the session says so itself.
 */
public final class SessionDirectory implements Machine {
  private static final long REFRESH = 1;
  private static final long FIRST_LOOKUP = 2;

  private record Entry(PeerRef proxy, long until) {}

  private static final class Search {
    final Key session;
    final Consumer<Optional<PeerRef>> whenDone;
    PeerId asked;
    boolean waiting;
    int attempts;
    int unknowns;

    Search(Key session, PeerId self, Consumer<Optional<PeerRef>> whenDone) {
      this.session = session;
      this.whenDone = whenDone;
      this.asked = self;
    }
  }

  private final DirectoryConfig config;
  private final Effects effects;
  private RingView view;
  // Attached to this peer, with the owner that was told last.
  private final Map<Key, PeerId> own = new LinkedHashMap<>();
  private final Map<Key, Entry> entries = new LinkedHashMap<>();
  private final Map<Key, Entry> cache = new LinkedHashMap<>();
  private final Map<Long, Search> searches = new LinkedHashMap<>();
  private long lastSearch = FIRST_LOOKUP - 1;

  /** A directory that knows nothing yet. */
  public SessionDirectory(DirectoryConfig config, Effects effects) {
    this.config = config;
    this.effects = effects;
    this.view = RingView.outside(effects.self());
  }

  @Override
  public void start(long now) {
    effects.timer(REFRESH, now + config.refresh());
  }

  private boolean isSelf(PeerRef peer) {
    return peer.id().equals(effects.self().id());
  }

  /** A session is attached to this peer from now on. */
  public void attach(long now, Key session) {
    own.put(session, effects.self().id());
    tell(List.of(session));
  }

  /** A session of this peer has ended. */
  public void detach(long now, Key session) {
    if (own.remove(session) == null) {
      return;
    }
    PeerRef owner = view.owner(session);
    if (!isSelf(owner)) {
      effects.send(owner, new Unregister(session));
    }
  }

  /**
   * Finds the proxy peer of a session.
   *
   * @param whenDone called once, at once or within a few seconds; empty if nobody knows the session
   */
  public void lookup(long now, Key session, Consumer<Optional<PeerRef>> whenDone) {
    Entry known = cache.get(session);
    if (known != null && known.until() > now && isMember(known.proxy())) {
      whenDone.accept(Optional.of(known.proxy()));
    } else if (searches.size() >= config.lookups()) {
      whenDone.accept(Optional.empty());
    } else {
      long id = ++lastSearch;
      Search search = new Search(session, effects.self().id(), whenDone);
      searches.put(id, search);
      ask(now, id, search);
    }
  }

  /** A proxy peer said that it does not have the session: the next look-up asks again. */
  public void forget(Key session) {
    cache.remove(session);
  }

  private void ask(long now, long id, Search search) {
    Optional<PeerRef> local = localAnswer(now, search.session);
    if (local.isPresent()) {
      finish(now, id, search, local);
      return;
    }
    if (search.attempts >= config.attempts()) {
      finish(now, id, search, Optional.empty());
      return;
    }
    search.attempts++;
    PeerRef owner = view.owner(search.session);
    search.asked = owner.id();
    if (isSelf(owner)) {
      unknown(now, id, search);
    } else {
      search.waiting = true;
      effects.send(owner, new Lookup(id, search.session));
      effects.timer(id, now + config.retry());
    }
  }

  private void unknown(long now, long id, Search search) {
    search.waiting = false;
    search.unknowns++;
    if (search.unknowns >= config.unknowns()) {
      finish(now, id, search, Optional.empty());
    } else {
      effects.timer(id, now + config.retry());
    }
  }

  private void finish(long now, long id, Search search, Optional<PeerRef> proxy) {
    searches.remove(id);
    effects.cancel(id);
    proxy.ifPresent(found -> remember(now, search.session, found));
    search.whenDone.accept(proxy);
  }

  private void remember(long now, Key session, PeerRef proxy) {
    cache.remove(session);
    if (cache.size() >= config.lookups()) {
      cache.remove(cache.keySet().iterator().next());
    }
    cache.put(session, new Entry(proxy, now + config.cached()));
  }

  private Optional<PeerRef> localAnswer(long now, Key session) {
    if (own.containsKey(session)) {
      return Optional.of(effects.self());
    }
    Entry entry = entries.get(session);
    return entry != null && entry.until() > now && isMember(entry.proxy())
        ? Optional.of(entry.proxy())
        : Optional.empty();
  }

  private boolean isMember(PeerRef proxy) {
    return view.find(proxy.id()).isPresent();
  }

  @Override
  public void onMessage(long now, PeerRef from, WireMessage message) {
    if (message instanceof Register register) {
      register.sessions().forEach(session -> store(now, session, from));
    } else if (message instanceof Unregister unregister) {
      Entry entry = entries.get(unregister.session());
      // A session may have moved: only who has it now can take it back.
      if (entry != null && entry.proxy().id().equals(from.id())) {
        entries.remove(unregister.session());
      }
    } else if (message instanceof Lookup lookup) {
      effects.send(from, new Found(lookup.id(), localAnswer(now, lookup.session())));
    } else if (message instanceof Found found) {
      Search search = searches.get(found.id());
      if (search == null || !search.waiting || !search.asked.equals(from.id())) {
        return;
      }
      if (found.proxy().isPresent()) {
        finish(now, found.id(), search, found.proxy());
      } else {
        unknown(now, found.id(), search);
      }
    }
  }

  private void store(long now, Key session, PeerRef proxy) {
    if (entries.size() < config.entries() || entries.containsKey(session)) {
      entries.put(session, new Entry(proxy, now + config.expiry()));
    }
  }

  @Override
  public void onLink(long now, PeerId peer, LinkEvent event) {
    if (event == LinkEvent.UP) {
      return;
    }
    for (Map.Entry<Long, Search> open : List.copyOf(searches.entrySet())) {
      if (open.getValue().waiting && open.getValue().asked.equals(peer)) {
        // The view will name another owner soon; the timer asks it.
        open.getValue().waiting = false;
      }
    }
  }

  @Override
  public void onTimer(long now, long token) {
    if (token == REFRESH) {
      entries.values().removeIf(entry -> entry.until() <= now);
      cache.values().removeIf(entry -> entry.until() <= now);
      tell(List.copyOf(own.keySet()));
      effects.timer(REFRESH, now + config.refresh());
    } else {
      Search search = searches.get(token);
      if (search != null) {
        search.waiting = false;
        ask(now, token, search);
      }
    }
  }

  @Override
  public void onView(long now, RingView next) {
    view = next;
    List<Key> moved = new ArrayList<>();
    own.forEach(
        (session, told) -> {
          if (!next.owner(session).id().equals(told)) {
            moved.add(session);
          }
        });
    tell(moved);
  }

  /** Registers sessions of this peer with their owners. */
  private void tell(List<Key> sessions) {
    Map<PeerRef, List<Key>> byOwner = new LinkedHashMap<>();
    for (Key session : sessions) {
      PeerRef owner = view.owner(session);
      own.put(session, owner.id());
      if (!isSelf(owner)) {
        byOwner.computeIfAbsent(owner, unknown -> new ArrayList<>()).add(session);
      }
    }
    byOwner.forEach(
        (owner, all) -> {
          for (int from = 0; from < all.size(); from += Register.MOST) {
            int to = Math.min(all.size(), from + Register.MOST);
            effects.send(owner, new Register(all.subList(from, to)));
          }
        });
  }

  /** How many sessions of other peers this one keeps. */
  public int entries() {
    return entries.size();
  }

  /** How many look-ups are open. */
  public int searches() {
    return searches.size();
  }
}
