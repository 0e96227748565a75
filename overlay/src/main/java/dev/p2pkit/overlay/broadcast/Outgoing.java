// The broadcasts that this peer begins.
package dev.p2pkit.overlay.broadcast;

import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.sdk.BroadcastReport;
import dev.p2pkit.sdk.BroadcastReport.Arc;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The broadcasts that this peer begins. They get their numbers in the order in which their trees
 * begin, one after the other; of the parts of long payloads a few are under way at once, so that
 * they follow each other through the tree without filling the queues of the links.
 */
final class Outgoing {
  /** So many parts are under way at once. */
  private static final int PARTS_AT_ONCE = 8;

  /** How long a report in which somebody is missed waits for repair: two heartbeats. */
  private static final long REPAIR_TIME = 2_000_000;

  /** Begins the tree of a content. */
  interface Start {
    void start(
        long now,
        Content content,
        long deadlineAt,
        @Nullable ErrorCode refusal,
        Duty.Ended whenDone);
  }

  /** A content that was begun, by the number of the first part of its payload. */
  private record Begun(long first, long at) {}

  /** A payload on its way. */
  private static final class Message {
    final int topic;
    final byte[] payload;
    final long begunAt;
    final long deadlineAt;
    final int parts;
    final @Nullable ErrorCode refusal;
    final Consumer<BroadcastReport> whenDone;
    final List<Tally> tallies = new ArrayList<>(1);

    /** Who has got all or a part of it by repair. */
    final Set<PeerId> repaired = new LinkedHashSet<>();

    int begun;
    boolean tooLate;

    Message(
        int topic,
        byte[] payload,
        long begunAt,
        long deadlineAt,
        @Nullable ErrorCode refusal,
        Consumer<BroadcastReport> whenDone) {
      this.topic = topic;
      this.payload = payload;
      this.begunAt = begunAt;
      this.deadlineAt = deadlineAt;
      this.parts = topic == 0 ? 1 : parts(payload.length);
      this.refusal = refusal;
      this.whenDone = whenDone;
    }

    static int parts(int length) {
      return Math.max(1, (length + BroadcastConfig.PART_BYTES - 1) / BroadcastConfig.PART_BYTES);
    }

    byte[] part(int number) {
      int from = number * BroadcastConfig.PART_BYTES;
      return parts == 1
          ? payload
          : Arrays.copyOfRange(
              payload, from, Math.min(payload.length, from + BroadcastConfig.PART_BYTES));
    }
  }

  private final Effects effects;
  private final BroadcastConfig config;
  private final BroadcastSeals seals;
  private final Agenda agenda;
  private final Earlier earlier;
  private final Start start;
  private final Deque<Message> queue = new ArrayDeque<>(1);
  private final Map<Integer, Integer> openByTopic = new LinkedHashMap<>();
  private final TreeSet<Long> open = new TreeSet<>();

  /** Those that are not reported yet, by the numbers of their parts. */
  private final Map<Long, Message> unreported = new LinkedHashMap<>();

  private final Deque<Begun> repairable = new ArrayDeque<>(1);
  private @Nullable Allowance allowance;
  private int partsUnderWay;
  private boolean advancing;
  private long sequence;
  private long plain;

  Outgoing(
      Effects effects,
      BroadcastConfig config,
      BroadcastSeals seals,
      Agenda agenda,
      Earlier earlier,
      Start start) {
    this.effects = effects;
    this.config = config;
    this.seals = seals;
    this.agenda = agenda;
    this.earlier = earlier;
    this.start = start;
  }

  /** Whether another one may begin. */
  void require(long now, int topic, int bytes) {
    if (bytes > BroadcastConfig.MAX_PAYLOAD) {
      throw new KitException(
          ErrorCode.MESSAGE_TOO_LARGE,
          "a broadcast has at most " + BroadcastConfig.MAX_PAYLOAD + " bytes, not " + bytes);
    }
    if (openByTopic.getOrDefault(topic, 0) >= config.ownOpen()) {
      throw new KitException(
          ErrorCode.BUSY,
          "this peer has "
              + config.ownOpen()
              + " broadcasts on their way; wait for the report of one of them");
    }
    Allowance present = allowance;
    if (present == null) {
      present = new Allowance(now, config.perSecond());
      allowance = present;
    }
    if (topic != 0 && !present.take(now, Message.parts(bytes))) {
      throw new KitException(
          ErrorCode.BUSY,
          "a peer broadcasts at most "
              + config.perSecond()
              + " times a second (a payload of more than "
              + BroadcastConfig.PART_BYTES
              + " bytes counts several times); try again later");
    }
  }

  void begin(
      long now,
      int topic,
      byte[] payload,
      long deadlineAt,
      @Nullable ErrorCode refusal,
      Consumer<BroadcastReport> whenDone) {
    openByTopic.merge(topic, 1, Integer::sum);
    long limited = Math.min(deadlineAt, now + config.longest());
    Message message = new Message(topic, payload, now, limited, refusal, whenDone);
    if (topic == 0) {
      next(now, message);
    } else {
      queue.add(message);
      advance(now);
    }
  }

  /** Begins what may begin, in order; what is too late is not begun any more. */
  private void advance(long now) {
    if (advancing) {
      return;
    }
    advancing = true;
    for (Message head = queue.peek(); head != null; head = queue.peek()) {
      if (head.deadlineAt <= now) {
        queue.remove();
        head.tooLate = true;
        reportIfOver(now, head);
      } else if (head.parts > 1 && partsUnderWay >= PARTS_AT_ONCE) {
        break;
      } else {
        if (head.begun == head.parts - 1) {
          queue.remove();
        }
        next(now, head);
      }
    }
    advancing = false;
  }

  private void next(long now, Message message) {
    boolean isPlain = message.topic == 0;
    long base = Content.base(effects.self());
    sequence = Math.max(sequence, base);
    long number = isPlain ? -(base + ++plain) : ++sequence;
    if (message.parts > 1) {
      partsUnderWay++;
    }
    int part = message.begun++;
    if (!isPlain) {
      open.add(number);
      unreported.put(number, message);
      repairable.add(new Begun(number - part, now));
    }
    long last = isPlain ? 0 : earlier.last(now);
    Content bare =
        new Content(
            effects.self(),
            number,
            isPlain ? number : last == 0 ? lowest(now) : earlier.lowest(),
            last,
            message.topic,
            part,
            message.parts,
            message.part(part),
            new byte[0]);
    Content content = bare.sealed(seals.seal(bare.statement()));
    start.start(
        now,
        content,
        message.deadlineAt,
        message.refusal,
        (at, tally) -> {
          open.remove(number);
          if (message.parts > 1) {
            partsUnderWay--;
          }
          message.tallies.add(tally);
          reportIfOver(at, message);
          advance(at);
        });
  }

  /**
   * Below this number nothing of this process comes any more, neither by the tree nor by repair. As
   * many are remembered as this peer may begin in that time.
   */
  private long lowest(long now) {
    while (repairable.size() > 1 && repairable.getFirst().at() <= now - config.retention()) {
      repairable.removeFirst();
    }
    return Math.min(open.first(), repairable.getFirst().first());
  }

  private void reportIfOver(long now, Message message) {
    if (message.tallies.size() < message.begun
        || (message.begun < message.parts && !message.tooLate)) {
      return;
    }
    openByTopic.merge(message.topic, -1, Integer::sum);
    long until = Math.min(message.deadlineAt, now + REPAIR_TIME);
    boolean missed = message.tallies.stream().anyMatch(tally -> !tally.missed().isEmpty());
    if (message.topic != 0 && missed && until > now) {
      agenda.at(until, at -> report(at, message));
    } else {
      report(now, message);
    }
  }

  private void report(long now, Message message) {
    unreported.values().removeIf(other -> other == message);
    message.whenDone.accept(made(now, message));
  }

  /** A peer has got one of this peer's by repair. */
  void onRepaired(PeerId from, BroadcastId id) {
    Message message =
        id.origin().equals(effects.self().id()) ? unreported.get(id.sequence()) : null;
    if (message != null && message.repaired.size() < Tally.MAX_PEERS) {
      message.repaired.add(from);
    }
  }

  /** Who has every part has the payload. */
  private BroadcastReport made(long now, Message message) {
    Duration duration = Duration.of(now - message.begunAt, ChronoUnit.MICROS);
    PeerId self = effects.self().id();
    ErrorCode refusal = message.refusal;
    if (message.begun < message.parts) {
      return new BroadcastReport(
          refusal == null ? 1 : 0,
          refusal == null ? Set.of(self) : Set.of(),
          refusal == null ? Map.of() : Map.of(self, refusal),
          List.of(Intervals.allBut(self.position())),
          false,
          Set.of(),
          duration);
    }
    int reached = Integer.MAX_VALUE;
    Set<PeerId> peers = new LinkedHashSet<>(message.tallies.get(0).peers());
    Map<PeerId, ErrorCode> refused = new LinkedHashMap<>();
    Tally.Sum missed = new Tally.Sum();
    boolean more = false;
    for (Tally tally : message.tallies) {
      reached = Math.min(reached, tally.reached());
      peers.retainAll(Set.copyOf(tally.peers()));
      refused.putAll(tally.refused());
      for (Arc arc : tally.missed()) {
        missed.missed(arc);
      }
      more |= tally.overflow();
    }
    Tally sum = missed.tally();
    Set<PeerId> repaired = new LinkedHashSet<>(message.repaired);
    repaired.removeAll(peers);
    return new BroadcastReport(
        reached, peers, refused, sum.missed(), more || sum.overflow(), repaired, duration);
  }
}
