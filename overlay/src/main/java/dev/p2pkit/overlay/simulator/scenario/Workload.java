// The messages of a run: who sends what to which key, and what became of it.
package dev.p2pkit.overlay.simulator.scenario;

import dev.p2pkit.overlay.proof.ProvenSend;
import dev.p2pkit.overlay.routing.Draft;
import dev.p2pkit.overlay.routing.Envelope;
import dev.p2pkit.overlay.routing.Outcome;
import dev.p2pkit.overlay.simulator.oracle.OutcomeOracle;
import dev.p2pkit.overlay.simulator.oracle.OutcomeOracle.Ending;
import dev.p2pkit.sdk.Delivery;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.OwnerCheck;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Sends messages by key. A few peers send, each to eight keys of its own again and again, as
 * programs do: after the first round their links are warm. A message is warm if its sender has a
 * link to the owner when it is sent. What a peer sends to itself takes no hop and is not counted
 * among the hops.
 */
final class Workload {
  private static final int KEYS = 8;
  private static final int ASKED = 200;
  private static final String ACCESS_POINT = "load";
  private static final long TWO_SECONDS = 2_000_000;
  private static final long TEN_SECONDS = 10_000_000;

  /** A message that is open. */
  private static final class Call {
    final Node caller;
    final long openedAt;
    final boolean warm;

    /** Pairs of a peer's index and the hops after which it got the message. */
    int[] path = {};

    Call(Node caller, long openedAt, boolean warm) {
      this.caller = caller;
      this.openedAt = openedAt;
      this.warm = warm;
    }

    int depth(int peer) {
      for (int i = 0; i < path.length; i += 2) {
        if (path[i] == peer) {
          return path[i + 1];
        }
      }
      return 0;
    }

    void reached(int peer, int depth) {
      for (int i = 0; i < path.length; i += 2) {
        if (path[i] == peer) {
          path[i + 1] = Math.min(path[i + 1], depth);
          return;
        }
      }
      path = Arrays.copyOf(path, path.length + 2);
      path[path.length - 2] = peer;
      path[path.length - 1] = depth;
    }
  }

  /** One who sends, until it dies. */
  private static final class Sender {
    Node node;
    final Key[] keys = new Key[KEYS];
    int next;

    Sender(Node node) {
      this.node = node;
    }
  }

  private final World world;
  private final Scenario scenario;
  private final SplittableRandom random;
  final OutcomeOracle oracle;
  private final List<Sender> senders = new ArrayList<>();
  private final Map<Integer, Call> open = new LinkedHashMap<>();
  final Samples latencies = new Samples();
  final Samples hops = new Samples();
  final Samples coldHops = new Samples();
  private long ended;
  private long inTwo;
  private long inTen;
  private long abandoned;
  private long atOwner;

  /** Which messages an owner has processed, by number. */
  private final BitSet processed = new BitSet();

  private boolean running;
  private int asked;
  private @Nullable String unserved;

  Workload(World world, Scenario scenario, SplittableRandom random, OutcomeOracle oracle) {
    this.world = world;
    this.scenario = scenario;
    this.random = random;
    this.oracle = oracle;
  }

  void start() {
    running = scenario.sendsPerSecond() > 0;
    if (running) {
      next();
    }
  }

  void stop() {
    running = false;
  }

  private void next() {
    world.after(
        1_000_000L / scenario.sendsPerSecond(),
        () -> {
          if (running) {
            send();
            next();
          }
        });
  }

  private void send() {
    Sender sender = sender();
    if (sender == null) {
      return;
    }
    int at = sender.next++ % KEYS;
    Key key = sender.keys[at];
    if (key == null) {
      key = new Key(random.nextLong(), random.nextLong());
      sender.keys[at] = key;
    }
    send(sender.node, key);
  }

  /** A sender that lives and does not sleep; one that has died is replaced. */
  private @Nullable Sender sender() {
    if (senders.size() < scenario.senders()) {
      Node node = world.anyHonestMember();
      if (node != null) {
        senders.add(new Sender(node));
      }
    }
    for (int tries = 0; tries < 4 && !senders.isEmpty(); tries++) {
      int place = random.nextInt(senders.size());
      Sender sender = senders.get(place);
      if (!sender.node.member) {
        Node node = world.anyHonestMember();
        if (node == null) {
          return null;
        }
        sender = new Sender(node);
        senders.set(place, sender);
      }
      if (!sender.node.process.paused()) {
        return sender;
      }
    }
    return null;
  }

  private void send(Node caller, Key key) {
    Node owner = world.ownerOf(key);
    boolean warm = owner != null && owner != caller && caller.process.isLinked(owner.process);
    int number = oracle.opened(world.now() + scenario.deadline());
    open.put(number, new Call(caller, world.now(), warm));
    byte[] body = ByteBuffer.allocate(scenario.payload()).putInt(number).array();
    int flags = scenario.repeatable() ? Envelope.REPEATABLE : 0;
    Draft draft = Draft.toKey(key, ACCESS_POINT, flags, body, scenario.deadline());
    if (scenario.check() != OwnerCheck.NONE) {
      boolean granted = scenario.check() == OwnerCheck.GRANTED;
      ProvenSend.open(caller, caller.id(), draft, granted, outcome -> ended(number, outcome));
      return;
    }
    caller.process.run(
        now -> {
          long id = caller.router().open(now, draft, outcome -> ended(number, outcome));
          world.log(
              () -> "message " + number + " of " + caller + " for key " + key + " has id " + id);
        });
  }

  /**
   * One message for the arc of each member, or of {@value #ASKED} of them, from others; none of
   * them counts among the latencies and shares.
   */
  void askAll() {
    for (Node owner : world.some(ASKED)) {
      Node caller = world.anyHonestMember();
      if (caller != null) {
        asked++;
        Key key = owner.id().position();
        Draft draft = Draft.toKey(key, ACCESS_POINT, 0, ask(), scenario.deadline());
        int number = ByteBuffer.wrap(draft.body()).getInt();
        caller.process.run(
            now -> {
              long unused =
                  caller.router().open(now, draft, outcome -> answered(number, key, outcome));
            });
      }
    }
  }

  private byte[] ask() {
    int number = oracle.opened(world.now() + scenario.deadline());
    return ByteBuffer.allocate(Math.max(Integer.BYTES, scenario.payload())).putInt(number).array();
  }

  private void answered(int number, Key key, Outcome outcome) {
    Ending ending = ending(outcome);
    oracle.ended(number, ending, world.now());
    asked--;
    if (ending != Ending.DELIVERED && unserved == null) {
      unserved = "the message for " + key + " ended with " + outcome;
    }
  }

  /** Which of the arcs that were asked is not served; empty if all are. */
  Optional<String> unserved() {
    return unserved == null && asked > 0
        ? Optional.of(asked + " messages have no answer")
        : Optional.ofNullable(unserved);
  }

  /** A copy of a message leaves a peer for another. */
  void hop(int from, int to, byte[] body) {
    Call call = open.get(ByteBuffer.wrap(body).getInt());
    if (call != null) {
      int depth = call.caller.index() == from ? 0 : call.depth(from);
      call.reached(to, depth + 1);
    }
  }

  void processed(Node at, byte[] body) {
    int number = ByteBuffer.wrap(body).getInt();
    oracle.processed(number, world.now());
    processed.set(number);
    Call call = open.get(number);
    if (call != null && call.caller != at) {
      (call.warm ? hops : coldHops).add(call.depth(at.index()));
    }
  }

  private void ended(int number, Outcome outcome) {
    Call call = open.remove(number);
    Ending ending = ending(outcome);
    oracle.ended(number, ending, world.now());
    if (call == null) {
      return;
    }
    ended++;
    if (ending == Ending.DELIVERED) {
      atOwner += processed.get(number) ? 1 : 0;
      long took = world.now() - call.openedAt;
      latencies.add(took);
      inTwo += took <= TWO_SECONDS ? 1 : 0;
      inTen += took <= TEN_SECONDS ? 1 : 0;
      if (took > TWO_SECONDS) {
        world.log(() -> "message " + number + " of " + call.caller + " took " + took + " µs");
      }
    } else {
      world.log(() -> "message " + number + " of " + call.caller + " ended with " + outcome);
    }
  }

  private static Ending ending(Outcome outcome) {
    if (outcome instanceof Outcome.Failed failed) {
      return failed.code().delivery() == Delivery.NOT_DELIVERED
          ? Ending.NOT_DELIVERED
          : Ending.UNKNOWN;
    }
    return Ending.DELIVERED;
  }

  /** A peer is gone: nobody is there to be told. */
  void gone(Node caller) {
    open.entrySet()
        .removeIf(
            entry -> {
              boolean its = entry.getValue().caller == caller;
              if (its) {
                abandoned++;
                oracle.abandoned(entry.getKey());
              }
              return its;
            });
  }

  long ended() {
    return ended;
  }

  long abandoned() {
    return abandoned;
  }

  /** The share of messages that are said to be delivered and were processed by an owner. */
  double shareAtOwner() {
    return ended == 0 ? Double.NaN : (double) atOwner / ended;
  }

  double shareInTwo() {
    return ended == 0 ? Double.NaN : (double) inTwo / ended;
  }

  double shareInTen() {
    return ended == 0 ? Double.NaN : (double) inTen / ended;
  }
}
