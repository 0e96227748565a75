// Finds contacts, measures how far away they are, notices when they are gone.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.ladder.CostModel;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.SortedPeers;
import dev.p2pkit.overlay.ring.MembershipMessage.ContactAnswer;
import dev.p2pkit.overlay.ring.MembershipMessage.ContactRequest;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Keeps the sectors outside of the arc filled. Whoever is named by others is a candidate only: it
 * is asked, and becomes a contact when it has answered itself, over a link that proves who it is.
 * Each answer also names peers near the one that answers, of which a sector tries a number to keep
 * the nearest. Contacts are asked again now and then; two questions without answer remove one.
 */
final class Contacts {
  /** A sector tries about so many peers to find near ones. */
  private static final int SAMPLES = 8;

  static final int MOST_NAMED = 4;

  /** So many contacts have links that are not closed for want of room. */
  private static final int MOST_WATCHED = 256;

  private static final int MOST_CANDIDATES = 128;
  private static final int CANDIDATES_AT_ONCE = 16;
  private static final int SECTORS_AT_ONCE = 8;
  private static final int TRIES = 2;
  private static final int PATIENCE = 8;

  /** One try in so many is made where nobody was found. */
  private static final int SELDOM = 64;

  /**
   * Whoever has not spent what it may asks its contacts so much more often, but not more often than
   * this, in seconds: of the contacts of a network with sessions of five minutes, one in sixteen is
   * dead otherwise.
   */
  private static final int OFTENER = 3;

  private static final double LEAST_PERIOD = 5;

  private static final double SECOND = 1_000_000;

  /** An unknown round trip: any measured one is better. */
  static final int UNKNOWN = Integer.MAX_VALUE;

  private record Candidate(PeerRef ref, int source) {}

  /** A question that is not answered yet. */
  private static final class Open {
    final PeerRef ref;
    final int source;
    final long nonce;
    final Key near;
    final int count;
    long sentAt;
    int tries;

    Open(PeerRef ref, int source, long nonce, Key near, int count) {
      this.ref = ref;
      this.source = source;
      this.nonce = nonce;
      this.near = near;
      this.count = count;
    }
  }

  private final RingCore core;
  private final Allowance<PeerId> answers;
  private final Map<PeerId, Open> open = new LinkedHashMap<>();
  private final Map<PeerId, Candidate> candidates = new LinkedHashMap<>();
  private ContactTable table;
  private byte[] sampled;

  /** How often somebody was looked for in a sector that needs one. */
  private byte[] asked;

  private int nextPlace;
  private int nextSector;
  private double due;
  private long nonces;

  Contacts(RingCore core, ContactTable empty) {
    this.core = core;
    table = empty;
    sampled = new byte[empty.sectors().count()];
    asked = new byte[sampled.length];
    answers = new Allowance<>(core.config.limits().errandsPerSecond());
  }

  ContactTable table() {
    return table;
  }

  /** By which it is known who has named somebody. */
  static int source(PeerId teller) {
    return (int) teller.position().low() | 1;
  }

  /**
   * As in a ring that has been there for long: in each sector enough were tried, and where somebody
   * is missing there is nobody.
   */
  void form(ContactTable full) {
    table = full;
    Arrays.fill(sampled, (byte) SAMPLES);
    Arrays.fill(asked, (byte) PATIENCE);
  }

  /** Begins with another shape; those that fit are kept. */
  void reshape(ContactTable next) {
    ContactTable before = table;
    table = next;
    sampled = new byte[next.sectors().count()];
    asked = new byte[sampled.length];
    nextPlace = 0;
    nextSector = 0;
    for (int place = 0; place < before.places(); place++) {
      PeerRef ref = before.at(place);
      if (ref != null && !core.table.coverage().covers(ref.id().position())) {
        next.take(ref, before.trip(place), ContactTable.NO_SOURCE);
      }
    }
  }

  void clear(ContactTable empty) {
    table = empty;
    sampled = new byte[empty.sectors().count()];
    asked = new byte[sampled.length];
    open.clear();
    candidates.clear();
  }

  /** Somebody is said to exist. */
  void hint(long now, PeerRef ref, int source) {
    if (table.places() == 0
        || core.isSelf(ref.id())
        || table.contains(ref.id())
        || open.containsKey(ref.id())
        || core.table.coverage().covers(ref.id().position())
        || core.table.isGone(ref)
        || core.flaps.damped(ref.id(), now)) {
      return;
    }
    int sector = table.sectors().indexOf(ref.id().position());
    boolean useful = table.needs(sector) || sampled[sector] < SAMPLES;
    if (useful && table.sectors().wanted(sector) && candidates.size() < MOST_CANDIDATES) {
      candidates.putIfAbsent(ref.id(), new Candidate(ref, source));
    }
  }

  /** A peer has spoken over a link that proves who it is. */
  void met(long now, PeerRef from) {
    if (table.places() > 0 && !table.contains(from.id()) && !core.flaps.damped(from.id(), now)) {
      int sector = table.sectors().indexOf(from.id().position());
      if (table.needs(sector) && !core.table.coverage().covers(from.id().position())) {
        table.take(from, UNKNOWN, ContactTable.NO_SOURCE);
      }
    }
  }

  void gone(PeerId id) {
    lose(id);
    open.remove(id);
    candidates.remove(id);
  }

  private boolean lose(PeerId id) {
    boolean lost = table.remove(id);
    if (lost) {
      asked[table.sectors().indexOf(id.position())] = 0;
    }
    return lost;
  }

  /** A contact is dead: whoever dies and comes back again and again is not taken again. */
  private void died(long now, PeerId id) {
    open.remove(id);
    if (lose(id)) {
      core.flaps.died(id, now);
    }
  }

  /**
   * A link has ended or could not be opened, for whatever it was wanted: contacts are asked seldom,
   * and messages that go through a dead one take a detour until it is noticed.
   */
  void onLink(long now, PeerId id, LinkEvent event) {
    switch (event) {
      case UP, BUSY -> {}
      case DOWN -> {
        // With more contacts than that, links close because others are wanted more.
        if (table.size() <= MOST_WATCHED) {
          table.find(id).ifPresent(ref -> check(now, ref));
        }
      }
      case REFUSED -> died(now, id);
      case UNREACHABLE, REJECTED -> lose(id);
    }
  }

  /** Once a second. */
  void tick(long now, double session) {
    if (table.places() == 0) {
      return;
    }
    if (core.ladder.purse.usedUp(now)) {
      return;
    }
    boolean thrifty = core.ladder.purse.thrifty(now);
    repeat(now);
    tryCandidates(now);
    probe(now, session, thrifty);
    fill(now, thrifty);
  }

  private void repeat(long now) {
    Iterator<Open> questions = open.values().iterator();
    List<PeerId> lost = new ArrayList<>();
    while (questions.hasNext()) {
      Open question = questions.next();
      if (now - question.sentAt >= core.health.stretch(core.config.answer())) {
        if (question.tries >= TRIES) {
          questions.remove();
          lost.add(question.ref.id());
        } else {
          send(now, question);
        }
      }
    }
    for (PeerId id : lost) {
      died(now, id);
    }
  }

  private void tryCandidates(long now) {
    for (int i = 0; i < CANDIDATES_AT_ONCE && !candidates.isEmpty(); i++) {
      Iterator<Candidate> first = candidates.values().iterator();
      Candidate candidate = first.next();
      first.remove();
      int sector = table.sectors().indexOf(candidate.ref.id().position());
      ask(
          now,
          candidate.ref(),
          candidate.source(),
          candidate.ref().id().position(),
          table.needs(sector) ? MOST_NAMED : 0);
    }
  }

  /** Each contact in its turn. */
  private void probe(long now, double session, boolean thrifty) {
    double period = CostModel.probePeriod(session);
    if (thrifty) {
      period *= 4;
    } else if (core.ladder.purse.full(now)) {
      period = Math.max(Math.min(period, LEAST_PERIOD), period / OFTENER);
    }
    due += table.size() * (core.config.heartbeat() / SECOND) / period;
    for (int looked = 0; due >= 1 && looked < table.places(); looked++) {
      PeerRef ref = table.at(nextPlace);
      nextPlace = (nextPlace + 1) % table.places();
      if (ref != null) {
        due--;
        int sector = table.sectors().indexOf(ref.id().position());
        boolean more = !thrifty && (table.needs(sector) || sampled[sector] < SAMPLES);
        ask(now, ref, ContactTable.NO_SOURCE, ref.id().position(), more ? MOST_NAMED : 0);
      }
    }
    due = Math.min(due, 1);
  }

  /** Asks for peers in sectors that have too few. */
  private void fill(long now, boolean thrifty) {
    int most = thrifty ? 1 : SECTORS_AT_ONCE;
    int count = table.sectors().count();
    for (int looked = 0, questions = 0; looked < count && questions < most; looked++) {
      int sector = nextSector;
      nextSector = (nextSector + 1) % count;
      if (table.needs(sector) && isWorthAsking(sector)) {
        questions++;
        Key near = somewhereIn(sector);
        Optional<KnownPeers.Hint> hinted =
            core.known.hintIn(sector).filter(hint -> !table.contains(hint.ref().id()));
        if (hinted.isPresent()) {
          ask(now, hinted.get().ref(), hinted.get().source(), near, MOST_NAMED);
        } else {
          table
              .in(sector)
              .or(() -> nearest(near))
              .ifPresent(ref -> ask(now, ref, ContactTable.NO_SOURCE, near, MOST_NAMED));
        }
      }
    }
  }

  /** Where nobody was found again and again there may be nobody. */
  private boolean isWorthAsking(int sector) {
    if (asked[sector] < PATIENCE) {
      asked[sector]++;
      return true;
    }
    return core.effects.random().nextInt(SELDOM) == 0;
  }

  private Key somewhereIn(int sector) {
    Key start = table.sectors().start(sector);
    long within = core.effects.random().nextLong() >>> table.sectors().bits(sector);
    return new Key(start.high() + within, 0);
  }

  /** The peer that is known nearest to a place, of contacts and of the arc. */
  private Optional<PeerRef> nearest(Key near) {
    Optional<PeerRef> contact = table.nearest(near);
    PeerRef member = core.table.before(near);
    if (core.isSelf(member.id())) {
      return contact;
    }
    return contact
        .filter(ref -> distance(ref, near).compareTo(distance(member, near)) < 0)
        .or(() -> Optional.of(member));
  }

  private static Key distance(PeerRef ref, Key near) {
    Key ahead = near.distanceTo(ref.id().position());
    Key behind = ref.id().position().distanceTo(near);
    return ahead.compareTo(behind) < 0 ? ahead : behind;
  }

  private void ask(long now, PeerRef ref, int source, Key near, int count) {
    if (!core.isSelf(ref.id()) && !open.containsKey(ref.id())) {
      Open question = new Open(ref, source, ++nonces, near, count);
      open.put(ref.id(), question);
      send(now, question);
    }
  }

  private void send(long now, Open question) {
    question.tries++;
    question.sentAt = now;
    core.effects.send(
        question.ref, new ContactRequest(question.nonce, question.near, question.count));
  }

  /** Somebody could not reach it: asked at once, unless it is no contact. */
  void check(long now, PeerRef ref) {
    if (table.contains(ref.id())) {
      ask(now, ref, ContactTable.NO_SOURCE, ref.id().position(), 0);
    }
  }

  void onRequest(long now, PeerRef from, ContactRequest request) {
    if (core.phase.hasPlace()) {
      boolean named =
          request.count() > 0 && !core.ladder.purse.usedUp(now) && answers.take(from.id(), now);
      core.effects.send(
          from,
          new ContactAnswer(
              request.nonce(), named ? near(request.near(), from, request.count()) : List.of()));
    }
  }

  /** Some peers near a place: of the sixteen nearest a random few. */
  private List<PeerRef> near(Key near, PeerRef asker, int count) {
    SortedPeers known = core.known.all();
    List<PeerRef> named = new ArrayList<>(count);
    int around = Math.min(known.size(), 4 * MOST_NAMED);
    int at = known.indexAtOrAfter(near);
    int skip = core.effects.random().nextInt(around);
    for (int i = 0; i < around && named.size() < count; i++) {
      int offset = (i * 5 + skip) % around - around / 2;
      PeerRef ref = known.get(Math.floorMod(at + offset, known.size()));
      if (!ref.id().equals(asker.id()) && !core.isSelf(ref.id()) && !named.contains(ref)) {
        named.add(ref);
      }
    }
    return named;
  }

  void onAnswer(long now, PeerRef from, ContactAnswer answer) {
    Open question = open.get(from.id());
    if (question == null || question.nonce != answer.nonce()) {
      return;
    }
    open.remove(from.id());
    long trip = question.tries > 1 ? UNKNOWN : now - question.sentAt;
    if (!core.table.coverage().covers(from.id().position()) && !core.flaps.damped(from.id(), now)) {
      int sector = table.sectors().indexOf(from.id().position());
      if (!table.contains(from.id()) && sampled[sector] < SAMPLES) {
        sampled[sector]++;
      }
      table.take(from, (int) Math.min(trip, UNKNOWN), question.source);
    }
    for (PeerRef named : answer.named()) {
      hint(now, named, source(from.id()));
    }
  }
}
