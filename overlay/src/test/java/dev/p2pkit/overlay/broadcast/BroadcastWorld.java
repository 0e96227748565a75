// Whole rings in virtual time that broadcast while peers come, go and lose messages.
package dev.p2pkit.overlay.broadcast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.broadcast.BroadcastMessage.Done;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Repair;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Task;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Working;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.overlay.ring.FormedRing;
import dev.p2pkit.overlay.ring.RingConfig;
import dev.p2pkit.overlay.ring.RingListener;
import dev.p2pkit.overlay.ring.RingMachine;
import dev.p2pkit.overlay.simulator.NetworkConditions;
import dev.p2pkit.overlay.simulator.SimulatedPeer;
import dev.p2pkit.overlay.simulator.Simulation;
import dev.p2pkit.overlay.simulator.SimulationObserver;
import dev.p2pkit.overlay.simulator.oracle.CoverageOracle;
import dev.p2pkit.overlay.simulator.oracle.Findings;
import dev.p2pkit.sdk.BroadcastReport;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.NetworkEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * A ring of whole ring machines that broadcasts while it is shaken. What was reached is judged by
 * the {@link CoverageOracle}: everybody who was there throughout, once, in order.
 */
final class BroadcastWorld implements SimulationObserver {
  static final long SECOND = 1_000_000;

  final Simulation simulation;
  final Findings findings = new Findings();
  final CoverageOracle oracle = new CoverageOracle(findings);
  final List<Member> members = new ArrayList<>();
  final List<BroadcastReport> reports = new ArrayList<>();
  final List<Long> tickets = new ArrayList<>();
  final List<String> missedEvents = new ArrayList<>();
  final RingConfig config;
  private final SplittableRandom random;
  private final FormedRing formed;
  private long number;
  long payloads;
  long messages;
  long expectedCopies;
  long repairs;

  BroadcastWorld(long seed, int peers, NetworkConditions conditions, RingConfig config) {
    this.config = config;
    simulation = Simulation.seeded(seed).conditions(conditions);
    random = simulation.random().split();
    List<SimulatedPeer> processes = new ArrayList<>();
    for (int i = 0; i < peers; i++) {
      processes.add(simulation.peer("peer-" + i));
    }
    formed = FormedRing.of(processes.stream().map(SimulatedPeer::ref).toList());
    for (SimulatedPeer process : processes) {
      Member member = new Member(process);
      member.boot();
      process.run(member.ring::form);
    }
    simulation.observe(this);
  }

  /** A peer of the ring and what it has got. */
  final class Member implements RingListener {
    final SimulatedPeer process;
    final int index = members.size();
    RingMachine ring;
    boolean joined;
    final List<Long> got = new ArrayList<>();

    Member(SimulatedPeer process) {
      this.process = process;
      members.add(this);
    }

    void boot() {
      ring =
          process.host(
              RingMachine.codecs(), effects -> RingMachine.within(formed, config, effects, this));
    }

    boolean isMember() {
      return joined && process.alive();
    }

    /** The process or its whole host dies. */
    void die(boolean host) {
      oracle.gone(index);
      if (host) {
        process.killHost();
      } else {
        process.kill();
      }
    }

    @Override
    public void onView(RingView view) {
      process.publish(view);
    }

    @Override
    public void onEvent(NetworkEvent event) {
      if (event instanceof NetworkEvent.BroadcastsMissed missed) {
        missedEvents.add(simulation.now() / 1_000 + " ms: " + process.id() + " " + missed);
      }
    }

    @Override
    public void onJoined() {
      joined = true;
    }

    @Override
    public void onJoinFailed(ErrorCode code, String detail) {}

    @Override
    public void onLeft() {
      joined = false;
    }

    @Override
    public Optional<ErrorCode> onBroadcast(PeerRef origin, int topic, byte[] payload) {
      long ticket = new WireReader(payload).i64();
      got.add(ticket);
      oracle.reached(ticket, index, simulation.now());
      return Optional.empty();
    }
  }

  List<Member> living() {
    return members.stream().filter(Member::isMember).toList();
  }

  Member any() {
    List<Member> living = living();
    return living.get(random.nextInt(living.size()));
  }

  /** A broadcast of this size from a member; returns its ticket. */
  long broadcast(Member origin, int bytes) {
    return broadcast(origin, bytes, 30);
  }

  /** As above; the report is made after so many seconds at the latest. */
  long broadcast(Member origin, int bytes, long seconds) {
    BitSet present = new BitSet();
    living().forEach(member -> present.set(member.index));
    long ticket = oracle.began(origin.index, ++number, present);
    byte[] payload = new WireWriter(8).i64(ticket).toBytes();
    byte[] padded = Arrays.copyOf(payload, Math.max(8, bytes));
    tickets.add(ticket);
    expectedCopies += present.cardinality() - 1;
    origin.process.run(
        now ->
            origin.ring.broadcast(
                now, RingMachine.TOPIC_APPLICATION, padded, now + seconds * SECOND, reports::add));
    return ticket;
  }

  long broadcast(Member origin) {
    return broadcast(origin, 8);
  }

  void run(double seconds) {
    simulation.runFor(Duration.ofNanos((long) (seconds * 1e9)));
  }

  /**
   * For so many seconds peers live for a time that is exponential around the mean; for each that
   * ends, by the death of its process or its host, another one joins.
   */
  void churn(double meanSeconds, double seconds, double perSecond) {
    long end = simulation.now() + (long) (seconds * SECOND);
    double step = 0.1;
    double due = 0;
    while (simulation.now() < end) {
      for (Member member : living()) {
        if (random.nextDouble() < step / meanSeconds) {
          member.die(random.nextBoolean());
          newcomer();
        }
      }
      due += perSecond * step;
      for (; due >= 1; due--) {
        broadcast(any());
      }
      run(step);
    }
  }

  Member newcomer() {
    Member contact = any();
    Member member = new Member(simulation.peer("newcomer-" + members.size()));
    member.boot();
    List<PeerRef> contacts = List.of(contact.process.ref());
    member.process.run(now -> member.ring.join(now, contacts));
    return member;
  }

  /** All broadcasts were whole. */
  void everybodyWasReachedOnceAndInOrder() {
    long missed = 0;
    for (long ticket : tickets) {
      missed += oracle.finish(ticket, simulation.now())[0];
    }
    assertThat(findings.first()).as("missed %d, events %s", missed, missedEvents).isEmpty();
  }

  double payloadsPerPeer() {
    return (double) payloads / expectedCopies;
  }

  double messagesPerPeer() {
    return (double) messages / expectedCopies;
  }

  @Override
  public void sent(SimulatedPeer from, PeerRef to, WireCodec codec, int type, WireMessage message) {
    if (!(message instanceof BroadcastMessage known)) {
      return;
    }
    if (known instanceof Task task) {
      if (!task.content().isPlain()) {
        payloads++;
        messages++;
      }
    } else if (known instanceof Repair) {
      payloads++;
      repairs++;
      messages++;
    } else if (known instanceof Done done) {
      messages += done.id().sequence() > 0 ? 1 : 0;
    } else if (known instanceof Working working) {
      messages += working.id().sequence() > 0 ? 1 : 0;
    } else {
      messages++;
    }
  }
}
