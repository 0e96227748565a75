// One install or upgrade, as the peer that carries it through sees it.
package dev.p2pkit.peer.registry;

import com.google.common.hash.Hashing;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.peer.registry.RegistryMessage.Abort;
import dev.p2pkit.peer.registry.RegistryMessage.Active;
import dev.p2pkit.peer.registry.RegistryMessage.Commit;
import dev.p2pkit.peer.registry.RegistryMessage.Prepare;
import dev.p2pkit.peer.registry.RolloutMember.State;
import dev.p2pkit.peer.registry.timing.Alarms;
import dev.p2pkit.peer.registry.timing.Completion;
import dev.p2pkit.peer.registry.timing.Result;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.ServiceStatus;
import dev.p2pkit.sdk.UpdateReport;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;

/**
 * Prepares everywhere, then puts into force, or gives up. The owner of the service's name on the
 * ring is asked first and alone: of two rollouts of one service that begin at once, one finds it
 * taken there and fails with {@link ErrorCode#BUSY} before it has bothered anybody else.
 */
final class Rollout {
  /** A peer that answers so does not stop the others: it catches up when it can. */
  /** Why a peer may be left out: it has its own reasons, which are not the others'. */
  static final Set<ErrorCode> TOLERATED =
      EnumSet.of(
          ErrorCode.NO_ROUTE,
          ErrorCode.TIMEOUT,
          ErrorCode.NOT_READY,
          ErrorCode.QUOTA,
          ErrorCode.CLOSED);

  private static final int HOLDERS = 8;
  private static final int NAMED = 8;
  private static final int TRIES = 2;

  /** How many peers are asked before the first of them has the archive, and how many chunks. */
  private static final int FIRST_WINDOW = 4;

  private static final int EARLY_CHUNKS = 256;

  private final RegistryConfig config;
  private final Courier courier;
  private final Alarms alarms;
  private final long id;
  private final InstallRequest request;
  private final LongConsumer enact;
  private final Completion<Result<UpdateReport>> done;
  private final Map<PeerId, RolloutMember> members = new TreeMap<>();
  private final Deque<RolloutMember> toAsk = new ArrayDeque<>();
  private final List<PeerRef> holders = new ArrayList<>();
  private final List<Long> alarmTokens = new ArrayList<>();
  private Phase phase = Phase.RESERVING;
  private boolean lingering;

  /** How many peers may be at it: grows as there are more that can hand the archive on. */
  private int window;

  private enum Phase {
    RESERVING,
    PREPARING,
    COMMITTING,
    DONE
  }

  /**
   * A rollout to the peers of a view.
   *
   * @param enact puts the record in force and spreads it
   */
  Rollout(
      RegistryConfig config,
      Courier courier,
      Alarms alarms,
      long id,
      InstallRequest request,
      RingView view,
      LongConsumer enact,
      Completion<Result<UpdateReport>> done) {
    this.config = config;
    this.courier = courier;
    this.alarms = alarms;
    this.id = id;
    this.request = request;
    this.enact = enact;
    this.done = done;
    view.members().forEach(peer -> members.put(peer.id(), new RolloutMember(peer)));
    RolloutMember arbiter = memberOf(view.owner(place(request.record())).id());
    RolloutMember here = memberOf(view.self().id());
    toAsk.add(arbiter);
    if (here != arbiter) {
      toAsk.add(here);
    }
    members.values().stream()
        .filter(member -> member != arbiter && member != here)
        .forEach(toAsk::add);
    holders.add(view.self());
    int chunks = request.record().edition().chunks().size();
    window = Math.min(config.parallelPrepares(), Math.max(FIRST_WINDOW, EARLY_CHUNKS / chunks));
  }

  private static Key place(ServiceRecord record) {
    byte[] hash =
        Hashing.sha256()
            .hashString(record.name() + "/" + record.instance(), StandardCharsets.UTF_8)
            .asBytes();
    return Key.of(Arrays.copyOf(hash, Key.BYTES));
  }

  /** Whether this rollout brings an archive to those who show a grant. */
  boolean grants(String archive, Key grant) {
    return request.record().archive().equals(archive) && request.grant().equals(grant);
  }

  private RolloutMember memberOf(PeerId peer) {
    RolloutMember member = members.get(peer);
    if (member == null) {
      throw new IllegalStateException("a view lists every owner");
    }
    return member;
  }

  void start(long now) {
    long left = Math.max(0, request.deadlineAt() - now);
    long prepareBy = now + Math.max(left * 2 / 3, left - config.answerTime());
    alarmTokens.add(alarms.at(Math.min(prepareBy, now + config.prepareTime()), this::prepareEnds));
    alarmTokens.add(alarms.at(request.deadlineAt(), this::deadline));
    ask(now, toAsk.remove());
  }

  private void ask(long now, RolloutMember member) {
    member.state = State.ASKED;
    member.tries++;
    courier.send(
        now,
        member.peer,
        new Prepare(
            id,
            request.record(),
            request.grant(),
            request.deadlineAt() - now + config.answerTime(),
            holders));
    alarmTokens.add(alarms.at(now + config.answerTime() / TRIES, then -> noAnswer(then, member)));
  }

  private void noAnswer(long now, RolloutMember member) {
    if (member.state != State.ASKED || phase == Phase.DONE) {
      return;
    }
    if (member.tries < TRIES) {
      ask(now, member);
    } else {
      member.state = State.MISSING;
      step(now);
    }
  }

  void onAccepted(long now, PeerId peer) {
    RolloutMember member = members.get(peer);
    if (member != null && member.state == State.ASKED) {
      member.state = State.ACCEPTED;
      step(now);
    }
  }

  void onPrepared(long now, PeerId peer) {
    RolloutMember member = members.get(peer);
    if (member == null || member.state == State.REPORTED || member.state == State.REFUSED) {
      return;
    }
    member.state = State.PREPARED;
    if (phase == Phase.COMMITTING) {
      courier.send(now, member.peer, new Commit(id));
      return;
    }
    window = Math.min(config.parallelPrepares(), window + 2);
    if (holders.size() >= HOLDERS) {
      holders.remove(1);
    }
    if (!courier.isSelf(peer)) {
      holders.add(member.peer);
    }
    step(now);
  }

  void onRefused(long now, PeerId peer, ErrorCode code, String detail) {
    RolloutMember member = members.get(peer);
    if (member == null || phase == Phase.COMMITTING || phase == Phase.DONE) {
      return;
    }
    member.state = State.REFUSED;
    member.code = code;
    member.detail = detail;
    if (!TOLERATED.contains(code) && !lingering) {
      // Others will say the same within moments, and the caller is told of them too.
      lingering = true;
      toAsk.clear();
      alarmTokens.add(alarms.at(now + config.answerTime() / 6, this::giveUp));
    }
    step(now);
  }

  void onActive(long now, PeerId peer, Active active) {
    RolloutMember member = members.get(peer);
    if (member != null && phase == Phase.COMMITTING) {
      member.state = State.REPORTED;
      member.report =
          new ServiceStatus.OnPeer(
              peer,
              active.phase(),
              active.epoch(),
              active.version(),
              active.archive(),
              active.millis(),
              active.detail(),
              0);
      step(now);
    }
  }

  /** A peer is dead or has left. */
  void onGone(long now, PeerId peer) {
    RolloutMember member = members.get(peer);
    if (member != null && member.state != State.REFUSED && member.state != State.REPORTED) {
      member.state = State.MISSING;
      step(now);
    }
  }

  void onView(long now, RingView view) {
    List.copyOf(members.keySet()).stream()
        .filter(peer -> view.find(peer).isEmpty())
        .forEach(peer -> onGone(now, peer));
  }

  private boolean none(State... states) {
    Set<State> looked = Set.of(states);
    return members.values().stream().noneMatch(member -> looked.contains(member.state));
  }

  private void step(long now) {
    switch (phase) {
      case RESERVING -> {
        if (none(State.ASKED)) {
          phase = Phase.PREPARING;
          step(now);
        }
      }
      case PREPARING -> {
        if (lingering) {
          if (none(State.ASKED, State.ACCEPTED)) {
            giveUp(now);
          }
          return;
        }
        long busy =
            members.values().stream()
                .filter(it -> it.state == State.ASKED || it.state == State.ACCEPTED)
                .count();
        while (busy < window && !toAsk.isEmpty()) {
          RolloutMember next = toAsk.remove();
          if (next.state == State.WAITING) {
            ask(now, next);
            busy++;
          }
        }
        if (none(State.WAITING, State.ASKED, State.ACCEPTED)) {
          decide(now);
        }
      }
      case COMMITTING -> {
        if (none(State.PREPARED)) {
          finish(now);
        }
      }
      case DONE -> {}
    }
  }

  private void prepareEnds(long now) {
    if (phase == Phase.COMMITTING || phase == Phase.DONE) {
      return;
    }
    for (RolloutMember member : members.values()) {
      if (member.state == State.WAITING
          || member.state == State.ASKED
          || member.state == State.ACCEPTED) {
        member.state = State.MISSING;
      }
    }
    phase = Phase.PREPARING;
    step(now);
  }

  private void decide(long now) {
    if (none(State.PREPARED)) {
      giveUp(now);
      return;
    }
    phase = Phase.COMMITTING;
    enact.accept(now);
    commit(now);
  }

  private void commit(long now) {
    if (phase != Phase.COMMITTING) {
      return;
    }
    members.values().stream()
        .filter(member -> member.state == State.PREPARED)
        .forEach(member -> courier.send(now, member.peer, new Commit(id)));
    alarmTokens.add(alarms.at(now + config.answerTime() / 3, this::commit));
  }

  private void giveUp(long now) {
    if (phase == Phase.COMMITTING || phase == Phase.DONE) {
      return;
    }
    List<RolloutMember> refusing =
        members.values().stream()
            .filter(it -> it.state == State.REFUSED && !TOLERATED.contains(it.code))
            .toList();
    if (refusing.isEmpty()) {
      refusing = members.values().stream().filter(it -> it.state == State.REFUSED).toList();
    }
    members.values().stream()
        .filter(member -> member.tries > 0)
        .forEach(member -> courier.send(now, member.peer, new Abort(id)));
    if (refusing.isEmpty()) {
      end(now, new Result.Failure<>(ErrorCode.NO_ROUTE, "no peer answered in time"));
      return;
    }
    RolloutMember first = refusing.get(0);
    String named =
        refusing.stream()
            .filter(member -> member.code == first.code)
            .limit(NAMED)
            .map(member -> member.peer.toString())
            .collect(Collectors.joining(", "));
    end(now, new Result.Failure<>(first.code, first.detail + " (said by " + named + ")"));
  }

  private void deadline(long now) {
    if (phase == Phase.COMMITTING) {
      finish(now);
    } else {
      prepareEnds(now);
      giveUp(now);
    }
  }

  private void finish(long now) {
    List<ServiceStatus.OnPeer> peers = new ArrayList<>();
    List<PeerId> missing = new ArrayList<>();
    for (RolloutMember member : members.values()) {
      member.onPeer().ifPresentOrElse(peers::add, () -> missing.add(member.peer.id()));
    }
    ServiceRecord record = request.record();
    end(now, new Result.Value<>(new UpdateReport(record.name(), record.epoch(), peers, missing)));
  }

  private void end(long now, Result<UpdateReport> outcome) {
    if (phase != Phase.DONE) {
      phase = Phase.DONE;
      alarmTokens.forEach(alarms::cancel);
      done.done(now, outcome);
    }
  }
}
