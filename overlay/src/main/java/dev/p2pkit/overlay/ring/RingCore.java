// What the parts of the ring share: their state, and the steps by which one part affects another.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.broadcast.BroadcastDigest;
import dev.p2pkit.overlay.broadcast.BroadcastSeals;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.ring.MemberNews.Kind;
import dev.p2pkit.overlay.ring.MemberTable.Change;
import dev.p2pkit.overlay.ring.RingMessage.Accused;
import dev.p2pkit.overlay.ring.Successions.Ended;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.PeerId;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The state that the parts of the ring share, and what happens when a piece of news about a member
 * comes in, from wherever. Parts call each other directly; {@link RingMachine} settles the outcome
 * at the end of each step.
 */
final class RingCore {
  final RingConfig config;
  final Meter effects;
  final RingListener listener;
  final Dissemination dissemination;

  /** What this peer has seen of broadcasts until a time: rides in heartbeats. */
  final LongFunction<BroadcastDigest> broadcasts;

  /** Tells the ring what its union with another changes. */
  final UnionBroadcast unions;

  final MemberTable table;
  final Pointers pointers;
  final Ownership ownership;

  final LocalHealth health = new LocalHealth();
  final LinkedPeers linked = new LinkedPeers();
  final Flaps flaps;
  final Stabiliser stabiliser;
  final Detector detector;
  final Churn churn = new Churn();
  final TableComparison comparison;
  final Remembered remembered;
  final Merger merger;
  final Reunion reunion = new Reunion(this);
  final SizeWatch sizes = new SizeWatch();
  final Ladder ladder;
  final KnownPeers known = new KnownPeers(this);
  final Deaths deaths = new Deaths(this);
  final Refutation refutation = new Refutation(this);
  final Detours detours;

  /** This peer; a peer learns where it can be dialled only when it has begun to listen. */
  PeerRef self;

  Phase phase = Phase.OUTSIDE;

  /** Probes on behalf of others that were refused, because one asked too much. */
  long refusedErrands;

  /** Others who were named and for whom the table has no room. */
  long crowdedOut;

  /** What members without that right have said that a union changes. */
  long refusedUnions;

  RingCore(
      RingConfig config,
      Meter effects,
      RingListener listener,
      LongFunction<BroadcastDigest> broadcasts,
      UnionBroadcast unions,
      BroadcastSeals seals,
      @Nullable FormedRing formed) {
    this.config = config;
    this.effects = effects;
    this.listener = listener;
    this.broadcasts = broadcasts;
    this.unions = unions;
    self = effects.self();
    table = new MemberTable(self, formed == null ? null : formed.shared);
    pointers = new Pointers(self.id(), config);
    flaps = new Flaps(config.detector().flaps());
    stabiliser = new Stabiliser(this);
    detector = new Detector(this);
    ladder = new Ladder(this);
    dissemination = new Dissemination(this);
    comparison = new TableComparison(this);
    ownership = new Ownership(this);
    remembered = new Remembered(config.merge(), effects.random().split());
    merger = new Merger(this);
    detours = new Detours(this, seals);
    effects.carry(detours::carry);
  }

  /** The driver is ready, and knows this peer's endpoint. */
  void start() {
    self = effects.self();
    table.clear(self);
  }

  /** This peer is a member of a ring that has been there for long. */
  void form(long now, FormedRing formed) {
    Key here = self.id().position();
    ladder.form(formed);
    List<PeerRef> after = formed.after(here, config.successors());
    List<PeerRef> before = formed.before(here, config.predecessors());
    if (after.isEmpty()) {
      ownership.create(now);
    } else {
      pointers.follow(after.get(0), after.subList(1, after.size()));
      pointers.precede(before.get(0), before.subList(1, before.size()));
      ownership.form(
          now, before.get(0), before.size() > 1 ? before.get(1).id() : after.get(0).id());
    }
    phase = Phase.MEMBER;
  }

  boolean isSelf(PeerId id) {
    return id.equals(self.id());
  }

  boolean inFullMesh() {
    return ladder.full() && table.size() <= config.fullMeshUpTo();
  }

  /** Whether nobody else is known. */
  boolean alone() {
    return ladder.alone();
  }

  /** A random time between the two, in microseconds. */
  long between(long least, long most) {
    return least + effects.random().nextLong(most - least + 1);
  }

  MemberNews aboutSelf(Kind kind) {
    return new MemberNews(kind, self, refutation.number());
  }

  /** A peer has spoken or was named by its neighbour: it is a member unless we know better. */
  void meet(long now, PeerRef ref, long itsRefutation) {
    if (!isSelf(ref.id())) {
      learn(now, MemberNews.alive(ref, itsRefutation));
    }
  }

  /**
   * A peer has spoken over a link that proves who it is: where it says that it can be dialled
   * counts more than what others say.
   */
  void met(long now, PeerRef from) {
    table.correct(from);
    ladder.contacts.met(now, from);
  }

  /**
   * A piece of news about somebody else than the one that tells it: a hint. A neighbour that was
   * heard a moment ago is not taken off the ring by it, but asked, and told what is said of it.
   *
   * @param teller who says it; this peer itself if nobody can be asked about it
   */
  Change hear(long now, PeerRef teller, MemberNews news) {
    if (news.kind() == Kind.ALIVE && refutation.leaps(news)) {
      refutation.leapt(now, news);
      return Change.NOTHING;
    }
    if (isCrowdedOut(news)) {
      return Change.NOTHING;
    }
    if (isOfLaterProcess(news) && detector.hears(news.id(), now) && !listener.believesHearsay()) {
      // It would have told itself: a process that follows dials its neighbours.
      table.find(news.id()).ifPresent(known -> detector.investigate(now, known));
      return Change.NOTHING;
    }
    if (news.kind() == Kind.FAILED && !isSelf(news.id()) && detector.hears(news.id(), now)) {
      Optional<PeerRef> known = table.find(news.id());
      if (known.isPresent() && known.get().incarnation() == news.ref().incarnation()) {
        effects.send(known.get(), new Accused(news.ref(), news.refutation()));
        detector.accused(now, known.get(), teller);
        return Change.DOUBTED;
      }
    }
    Change change = learn(now, news);
    if (change == Change.CONTRADICTED
        && news.kind() == Kind.ALIVE
        && detector.isHeirOf(news.id())) {
      // Somebody believes it alive who has missed its death, or it lives and must refute.
      table
          .known(news.id())
          .filter(grave -> grave.kind() == Kind.FAILED)
          .ifPresent(
              grave -> effects.send(news.ref(), new Accused(grave.ref(), grave.refutation())));
    }
    return change;
  }

  private boolean isOfLaterProcess(MemberNews news) {
    return news.kind() == Kind.ALIVE
        && table
            .find(news.id())
            .filter(known -> known.incarnation() < news.ref().incarnation())
            .isPresent();
  }

  /**
   * Whether there is no room for one more whom others have named: who makes members up must not
   * fill the memory of others with them.
   */
  private boolean isCrowdedOut(MemberNews news) {
    boolean crowded =
        news.kind() == Kind.ALIVE
            && table.size() >= config.ladder().mostEntries()
            && !table.contains(news.id());
    crowdedOut += crowded ? 1 : 0;
    return crowded;
  }

  /** Like {@link #meet}, before this peer has its place. */
  void meetQuietly(long now, PeerRef ref) {
    if (!table.contains(ref.id())) {
      table.apply(now, MemberNews.alive(ref, 0));
    }
  }

  /** This peer is no part of a ring any more, or not yet. */
  void goOutside(long now) {
    phase = Phase.OUTSIDE;
    pointers.clear();
    detector.clear();
    detours.clear();
    stabiliser.clear();
    merger.clear();
    reunion.clear();
    deaths.clear();
    dissemination.clear();
    churn.clear();
    ladder.clear();
    table.clear(self);
    ownership.clear();
  }

  /** A piece of news, from wherever. */
  Change learn(long now, MemberNews news) {
    if (isSelf(news.id())) {
      refutation.hear(now, news);
      return Change.NOTHING;
    }
    if (news.kind() != Kind.ALIVE) {
      deaths.announced(news.id());
    }
    PeerId id = news.id();
    if (news.kind() == Kind.ALIVE && merger.uniting(now)) {
      table
          .known(id)
          .filter(grave -> grave.kind() == Kind.FAILED)
          .ifPresent(grave -> reunion.met(now, id));
    }
    long since = table.since(id);
    Optional<PeerRef> was = table.find(id);
    Change change = table.apply(now, news);
    switch (change) {
      case ADDED -> tell(new NetworkEvent.PeerJoined(id));
      case REPLACED -> {
        was.ifPresent(ref -> ownership.ended(now, new Ended(ref, since)));
        pointers.renew(news.ref());
        detector.forget(id);
        detours.forget(now, id);
        stabiliser.gone(now, id);
        tell(new NetworkEvent.PeerFailed(id));
        tell(new NetworkEvent.PeerJoined(id));
      }
      case REMOVED, BURIED -> {
        was.ifPresent(ref -> ownership.ended(now, new Ended(ref, since)));
        if (was.isEmpty() || was.get().incarnation() != news.ref().incarnation()) {
          ownership.ended(now, id, news.ref().incarnation());
        }
        pointers.remove(id);
        detector.gone(id);
        detours.forget(now, id);
        ladder.gone(id);
        stabiliser.gone(now, id);
        if (change == Change.REMOVED && news.kind() == Kind.FAILED) {
          flaps.died(id, now);
          sizes.died(now);
          was.ifPresent(ref -> remembered.died(now, ref, now - since));
        }
        if (change == Change.REMOVED) {
          tell(
              news.kind() == Kind.LEFT
                  ? new NetworkEvent.PeerLeft(id)
                  : new NetworkEvent.PeerFailed(id));
        }
      }
      default -> {}
    }
    if (change != Change.NOTHING && change != Change.CONTRADICTED) {
      if (change == Change.ADDED) {
        churn.came(now);
      } else if (change == Change.REMOVED || change == Change.REPLACED) {
        churn.went(now);
      }
      dissemination.learnt(now, news);
      mendPointers(now);
    }
    return change;
  }

  /** What neighbours are told about the table. */
  TableNotice notice() {
    return ladder.notice();
  }

  /** Another ring has been met: what the union of both changes here. */
  void unite(long now, List<MemberNews> changes) {
    if (!phase.hasPlace()) {
      return;
    }
    int came = 0;
    for (MemberNews news : changes) {
      if (isCrowdedOut(news)) {
        continue;
      }
      Optional<PeerRef> known = table.find(news.id());
      boolean plain =
          news.kind() == Kind.ALIVE
              && !isSelf(news.id())
              && (known.isEmpty() || known.get().incarnation() == news.ref().incarnation());
      if (plain && known.isEmpty()) {
        reunion.met(now, news.id());
      }
      if (!plain) {
        hear(now, self, news);
      } else if (table.apply(now, news) == Change.ADDED) {
        came++;
        tell(new NetworkEvent.PeerJoined(news.id()));
      }
    }
    if (came > 0) {
      sizes.cameBack(now, came);
      mendPointers(now);
      if (!inFullMesh()) {
        pointers.refill(table);
      }
      stabiliser.candidate(now, table.after(self.id().position()));
    }
  }

  void tell(NetworkEvent event) {
    if (phase == Phase.MEMBER || phase == Phase.LEAVING) {
      listener.onEvent(event);
    }
  }

  /** After the table has changed: no list is empty while somebody is known. */
  void mendPointers(long now) {
    if (!phase.hasPlace()) {
      return;
    }
    if (alone()) {
      pointers.clear();
      return;
    }
    if (inFullMesh()) {
      pointers.compute(table);
      return;
    }
    if (pointers.successors().isEmpty()) {
      // Beyond what Zave's model allows: 16 died at once. A peer that gave up here would take its
      // whole neighbourhood with it; any known peer leads back.
      pointers.follow(known.after(self.id().position()), List.of());
      stabiliser.soon(now);
    }
    PeerRef before = known.before(self.id().position());
    if (pointers.predecessors().isEmpty()) {
      pointers.precede(before, List.of());
    }
  }
}
