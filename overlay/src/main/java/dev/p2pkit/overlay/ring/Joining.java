// The newcomer's side of joining.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.ring.MemberNews.Kind;
import dev.p2pkit.overlay.ring.MembershipMessage.Probe;
import dev.p2pkit.overlay.ring.RingMessage.JoinAccept;
import dev.p2pkit.overlay.ring.RingMessage.JoinBusy;
import dev.p2pkit.overlay.ring.RingMessage.JoinDone;
import dev.p2pkit.overlay.ring.RingMessage.JoinRedirect;
import dev.p2pkit.overlay.ring.RingMessage.JoinRefused;
import dev.p2pkit.overlay.ring.RingMessage.JoinRequest;
import dev.p2pkit.overlay.ring.RingMessage.Snapshot;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * Finds the peer that admits this one by asking contacts, which point to others; takes the lists
 * and the members from it; takes its place when its successor has confirmed it. Until then it owns
 * nothing.
 */
final class Joining {
  private static final int MOST_REDIRECTS = 32;

  /**
   * Who points to a peer that points back may then point to another one; more often is a circle.
   */
  private static final int MOST_REDIRECTS_TO_ONE = 2;

  private static final int MOST_DOUBLINGS = 4;

  /** How long it waits when all contacts have been tried once; twice as long each time. */
  private static final long FIRST_PAUSE = 100_000;

  /** A refusal is no proof: so many have to say the same before others are asked no more. */
  private static final int ENOUGH_REFUSALS = 2;

  /**
   * So many that the ring has lost are remembered as the admitter has named them: whoever else
   * remembers the other side of a cut may leave. More are not, or a liar would have many strangers
   * asked for ever.
   */
  static final int MOST_LOST = 16;

  /** With so many others a newcomer compares what its admitter has told it. */
  private static final int CHECKED_WITH = 2;

  private final RingCore core;
  private List<PeerRef> contacts = List.of();
  private int contact;
  private int redirects;
  private final Map<PeerId, Integer> pointedTo = new HashMap<>();
  private int busy;
  private long until;
  private @Nullable PeerRef asked;
  private @Nullable JoinAccept accept;
  private long told;
  private final Map<Integer, List<MemberNews>> parts = new HashMap<>();
  private final Map<PeerRef, String> reasons = new LinkedHashMap<>();
  private final Map<PeerRef, ErrorCode> refusals = new LinkedHashMap<>();

  /** Through how many contacts in a row this peer has come to nothing but a refusal. */
  private int refusedInRow;

  Joining(RingCore core) {
    this.core = core;
  }

  void begin(long now, List<PeerRef> through) {
    core.phase = Phase.JOINING;
    core.refutation.begin(0);
    core.table.clear(core.self);
    core.pointers.clear();
    core.ownership.clear();
    contacts = through.stream().filter(ref -> !core.isSelf(ref.id())).toList();
    contact = -1;
    until = now + core.config.joinLimit();
    reasons.clear();
    refusals.clear();
    refusedInRow = 0;
    if (contacts.isEmpty()) {
      fail(now, ErrorCode.NO_ROUTE, "there is nobody to join; name an entry point");
    } else {
      nextContact(now);
    }
  }

  private void nextContact(long now) {
    contact++;
    redirects = 0;
    pointedTo.clear();
    busy = 0;
    asked = null;
    accept = null;
    if (contact > 0 && contact % contacts.size() == 0) {
      // All have been tried; a moment later things may look better, most of all in a ring that
      // grows fast, where one table is behind another.
      long pause = FIRST_PAUSE << Math.min(contact / contacts.size() - 1, MOST_DOUBLINGS - 1);
      core.effects.timer(Timers.JOIN, Math.min(until, now + core.between(pause, pause * 11 / 8)));
    } else {
      ask(now, contacts.get(contact % contacts.size()));
    }
  }

  private void ask(long now, PeerRef target) {
    asked = target;
    accept = null;
    core.effects.send(target, new JoinRequest());
    core.effects.timer(Timers.JOIN, Math.min(until, now + 3 * core.config.answer()));
  }

  void onTimer(long now) {
    if (now >= until) {
      fail(now, ErrorCode.NO_ROUTE, "no peer let this one in" + explained());
    } else if (core.phase == Phase.ADMITTED) {
      core.stabiliser.soon(now);
      core.effects.timer(Timers.JOIN, Math.min(until, now + core.config.heartbeat()));
    } else if (core.phase == Phase.JOINING) {
      PeerRef target = asked;
      if (target == null) {
        ask(now, contacts.get(contact % contacts.size()));
      } else if (busy > 0 && accept == null) {
        busy = -busy;
        ask(now, target);
      } else {
        failed(now, target, "did not answer in time");
      }
    }
  }

  private String explained() {
    if (reasons.isEmpty()) {
      return " in time";
    }
    StringJoiner joiner = new StringJoiner("; ", ": ", "");
    reasons.forEach((ref, reason) -> joiner.add(ref + " " + reason));
    return joiner.toString();
  }

  private boolean expects(PeerRef from) {
    return core.phase == Phase.JOINING && asked != null && asked.id().equals(from.id());
  }

  void onBusy(long now, PeerRef from, JoinBusy message) {
    if (!expects(from)) {
      return;
    }
    if (message.pause() > 0) {
      reasons.put(from, "admits no more peers a second, in all or from this one's network");
      busy = 1;
      core.effects.timer(
          Timers.JOIN, Math.min(until, now + core.between(message.pause(), 2 * message.pause())));
    } else {
      reasons.put(from, "was busy");
      busy = Math.min(Math.abs(busy) + 1, MOST_DOUBLINGS);
      core.effects.timer(
          Timers.JOIN,
          Math.min(until, now + core.between(20_000L << (busy - 1), 100_000L << (busy - 1))));
    }
  }

  void onRedirect(long now, PeerRef from, JoinRedirect redirect) {
    if (!expects(from)) {
      return;
    }
    int times = pointedTo.merge(redirect.to().id(), 1, Integer::sum);
    if (++redirects > MOST_REDIRECTS
        || times > MOST_REDIRECTS_TO_ONE
        || core.isSelf(redirect.to().id())) {
      failed(now, from, "pointed to others without end");
    } else {
      busy = 0;
      ask(now, redirect.to());
      PeerRef after = redirect.after();
      if (!core.isSelf(after.id()) && !after.id().equals(from.id())) {
        // Its link will be needed in a moment, and takes round trips to open.
        core.effects.send(after, new Probe(0));
      }
    }
  }

  /**
   * One peer's word keeps nobody out: the others are asked as well. It is believed when another one
   * says the same, or when every way in has ended so.
   */
  void onRefused(long now, PeerRef from, JoinRefused refused) {
    if (!expects(from)) {
      return;
    }
    reasons.put(from, "refused this peer: " + refused.detail());
    refusals.put(from, refused.code());
    refusedInRow++;
    long agreeing = refusals.values().stream().filter(code -> code == refused.code()).count();
    if (agreeing >= ENOUGH_REFUSALS || refusedInRow >= contacts.size()) {
      fail(now, refused.code(), "this peer was not let in" + explained());
    } else {
      nextContact(now);
    }
  }

  void onAccept(long now, PeerRef from, JoinAccept accepted) {
    if (expects(from)) {
      accept = accepted;
      parts.clear();
      told = 0;
      core.effects.timer(Timers.JOIN, Math.min(until, now + 3 * core.config.answer()));
    }
  }

  void onSnapshot(long now, PeerRef from, Snapshot snapshot) {
    JoinAccept accepted = accept;
    if (expects(from) && accepted != null && snapshot.index() < accepted.snapshots()) {
      told += snapshot.members().size();
      if (told > core.config.ladder().mostEntries()) {
        parts.clear();
        failed(now, from, "tells of more peers than there is memory for");
        return;
      }
      parts.put(snapshot.index(), snapshot.members());
      if (parts.size() == accepted.snapshots()) {
        takePlace(now, from, accepted);
      }
    }
  }

  private void takePlace(long now, PeerRef from, JoinAccept accepted) {
    core.ladder.adopt(accepted.table());
    List<PeerRef> outside = new ArrayList<>();
    int lost = 0;
    for (int part = 0; part < accepted.snapshots(); part++) {
      for (MemberNews news : parts.getOrDefault(part, List.of())) {
        if (news.kind() != Kind.ALIVE) {
          if (news.kind() == Kind.FAILED && !core.isSelf(news.id()) && lost++ < MOST_LOST) {
            core.remembered.died(now, news.ref(), 0);
          }
        } else if (!core.table.coverage().covers(news.id().position())) {
          outside.add(news.ref());
        } else if (!core.isSelf(news.id())) {
          core.table.apply(now, news);
        }
      }
    }
    parts.clear();
    core.table.settle();
    core.known.hint(now, outside, Contacts.source(from.id()));
    core.meetQuietly(now, from);
    core.refutation.begin(accepted.refutation());
    core.table.apply(now, core.aboutSelf(Kind.ALIVE));
    core.phase = Phase.ADMITTED;
    if (!accepted.predecessors().isEmpty()) {
      core.pointers.precede(accepted.predecessors().get(0), rest(accepted.predecessors()));
    }
    if (!accepted.successors().isEmpty()) {
      core.pointers.follow(accepted.successors().get(0), rest(accepted.successors()));
    }
    core.mendPointers(now);
    core.stabiliser.soon(now);
    core.effects.timer(Timers.JOIN, Math.min(until, now + core.config.heartbeat()));
  }

  private static List<PeerRef> rest(List<PeerRef> list) {
    return list.subList(1, list.size());
  }

  /** The successor has confirmed this peer. */
  void complete(long now) {
    PeerRef through = asked == null ? core.self : asked;
    core.effects.cancel(Timers.JOIN);
    core.phase = Phase.MEMBER;
    core.listener.onEvent(new NetworkEvent.Connected(through.id()));
    core.listener.onEvent(new NetworkEvent.NewRoutingTable(core.known.all().size()));
    core.dissemination.joined(now);
    contacts.forEach(contact -> core.remembered.seed(now, contact));
    core.comparison.compareWithSome(CHECKED_WITH);
    core.dissemination.announce(core.aboutSelf(Kind.ALIVE));
    JoinDone placed = new JoinDone(core.refutation.number());
    core.effects.send(through, placed);
    // In the full mesh that is not always the one before this peer, which asks this one for its
    // lease from now on and would hear of it only when the news have gone round.
    core.pointers
        .predecessor()
        .filter(before -> !before.id().equals(through.id()))
        .ifPresent(before -> core.effects.send(before, placed));
  }

  void onLink(long now, PeerId id, LinkEvent event) {
    PeerRef target = asked;
    if (core.phase != Phase.JOINING || target == null || !target.id().equals(id)) {
      return;
    }
    switch (event) {
      case UP -> {}
      case DOWN -> failed(now, target, "closed the link");
      case REFUSED -> failed(now, target, "refused the connection: no peer listens there");
      case BUSY -> failed(now, target, "was not dialled: this process has too much to do");
      case UNREACHABLE -> failed(now, target, "could not be reached");
      case REJECTED -> failed(now, target, "is another peer or belongs to another network");
    }
  }

  void onNotMember(long now, PeerRef from) {
    if (expects(from)) {
      failed(now, from, "is no member of a ring");
    }
  }

  private void failed(long now, PeerRef target, String reason) {
    reasons.put(target, reason);
    refusedInRow = 0;
    nextContact(now);
  }

  void fail(long now, ErrorCode code, String detail) {
    core.effects.cancel(Timers.JOIN);
    core.goOutside(now);
    core.listener.onJoinFailed(code, detail);
  }
}
