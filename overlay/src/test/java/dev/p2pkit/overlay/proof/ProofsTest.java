// Who owns a key can prove it, and who does not cannot.
package dev.p2pkit.overlay.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.lease.Deeds;
import dev.p2pkit.overlay.lease.GrantRecord;
import dev.p2pkit.overlay.lease.HeldArc;
import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.Machine;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.proof.ProofMessage.Prove;
import dev.p2pkit.overlay.proof.ProofMessage.Proven;
import dev.p2pkit.overlay.simulator.SimulatedPeer;
import dev.p2pkit.overlay.simulator.SimulatedSeals;
import dev.p2pkit.overlay.simulator.Simulation;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ProofsTest {
  private static final int SIZE = 12;
  private static final int ASKER = 0;
  private static final int BEFORE = 5;
  private static final int OWNER = 6;
  private static final int GRANTOR = 7;
  private static final int LIAR = 8;

  /** A key of the owner. */
  private static final Key KEY = position(OWNER).plus(new Key(-1, -5));

  private static final long LIFE = 8_000_000;

  private final Simulation simulation = Simulation.seeded(3);
  private final List<SimulatedPeer> peers = new ArrayList<>();
  private final List<Proofs> proofs = new ArrayList<>();
  private Liar liar;

  private static Key position(int place) {
    return new Key((long) place << 60, 7);
  }

  /** What a peer would hold in a ring of all. */
  private final class Right implements Deeds {
    private final int place;

    Right(int place) {
      this.place = place;
    }

    private PeerId at(int step) {
      return peers.get(Math.floorMod(place + step, SIZE)).id();
    }

    @Override
    public Optional<HeldArc> held(long now) {
      return Optional.of(new HeldArc(at(-1), at(0), 4, now + 3_000_000, at(1)));
    }

    @Override
    public Optional<GrantRecord> granted(long now) {
      return Optional.of(
          new GrantRecord(
              at(-1),
              peers.get(Math.floorMod(place - 1, SIZE)).ref().incarnation(),
              Optional.of(at(-2)),
              now + 3_000_000,
              Long.MIN_VALUE,
              4,
              4,
              now,
              now,
              false,
              false,
              1,
              1));
    }
  }

  /** What a liar shows as its proof. */
  private enum Lie {
    /** It has granted the arc to itself. */
    ITS_OWN_WORD,
    /** The next peer has signed nothing. */
    FORGED_SEAL,
    /** The next peer has signed it for another question. */
    OLD_PROOF,
    /** The next peer has signed it for another peer. */
    FOR_ANOTHER,
    /** Another peer that lies with it has signed it, but that is not the next one. */
    FAR_ACCOMPLICE,
    /** The next peer has signed its true arc, which does not hold the key. */
    TRUE_ARC,
    /** It names the owner's proof as its own. */
    ANOTHERS_PROOF
  }

  private final class Liar implements Machine {
    private final Lie lie;
    private final Effects effects;
    int asked;

    Liar(Lie lie, Effects effects) {
      this.lie = lie;
      this.effects = effects;
    }

    private PeerId at(int place) {
      return peers.get(place).id();
    }

    @Override
    public void onMessage(long now, PeerRef from, WireMessage message) {
      if (!(message instanceof Prove prove)) {
        return;
      }
      asked++;
      PeerId next = at(LIAR + 1);
      PeerId granting =
          switch (lie) {
            case ITS_OWN_WORD -> at(LIAR);
            case FAR_ACCOMPLICE -> at(LIAR + 3);
            default -> next;
          };
      Grant grant =
          new Grant(
              lie == Lie.FOR_ANOTHER ? at(2) : from.id(),
              lie == Lie.OLD_PROOF ? new Key(4, 4) : prove.nonce(),
              lie == Lie.ANOTHERS_PROOF ? at(OWNER) : at(LIAR),
              effects.self().incarnation(),
              lie == Lie.TRUE_ARC ? at(OWNER) : at(BEFORE),
              4,
              3_000_000,
              granting);
      PeerId signer = lie == Lie.FORGED_SEAL ? at(LIAR) : granting;
      byte[] seal = new SimulatedSeals(signer).seal(grant.statement());
      SignedGrant signed = new SignedGrant(grant, seal, new byte[0]);
      byte[] own = new SimulatedSeals(at(LIAR)).seal(signed.statement(prove.key()));
      effects.send(from, new Proven(prove.key(), signed, own));
    }
  }

  private ProofsTest ring(Optional<Lie> lie) {
    for (int i = 0; i < SIZE; i++) {
      peers.add(simulation.peer(new PeerId(position(i))));
    }
    for (int i = 0; i < SIZE; i++) {
      int place = i;
      SimulatedPeer peer = peers.get(i);
      if (i == LIAR && lie.isPresent()) {
        peer.host(new ProofCodec(), effects -> liar = new Liar(lie.get(), effects));
        proofs.add(null);
      } else {
        proofs.add(
            peer.host(
                new ProofCodec(),
                effects ->
                    new Proofs(
                        effects,
                        new Right(place),
                        new SimulatedSeals(peer.id()),
                        Credentials.NONE,
                        effects.random()::nextLong)));
      }
      view(i, peers);
    }
    return this;
  }

  private void view(int place, List<SimulatedPeer> known) {
    SimulatedPeer self = peers.get(place);
    List<PeerRef> refs = known.stream().map(SimulatedPeer::ref).toList();
    PeerRef after = peers.get((place + 1) % SIZE).ref();
    PeerRef before = peers.get((place + SIZE - 1) % SIZE).ref();
    self.publish(new RingView(self.ref(), true, 1, List.of(before), List.of(after), refs));
  }

  private static final class Heard implements Proofs.Answer {
    final List<OwnerProof> proofs = new ArrayList<>();
    final List<ErrorCode> failures = new ArrayList<>();

    @Override
    public void proven(OwnerProof proof) {
      proofs.add(proof);
    }

    @Override
    public void failed(ErrorCode code, String detail) {
      failures.add(code);
    }
  }

  private Heard ask(int place, Key key) {
    return ask(place, key, true);
  }

  private Heard ask(int place, Key key, boolean granted) {
    Heard heard = new Heard();
    peers.get(place).run(now -> proofs.get(place).prove(now, key, granted, LIFE, heard));
    simulation.runFor(Duration.ofSeconds(9));
    return heard;
  }

  @Test
  void anOwnerProvesItsKeyByTheWordOfTheNextPeer() {
    ring(Optional.empty());
    simulation.runFor(Duration.ofSeconds(5));
    assertThat(proofs).allMatch(each -> each.statistics().signed() == 0);
    Heard heard = ask(ASKER, KEY);
    assertThat(heard.proofs).hasSize(1);
    OwnerProof proof = heard.proofs.get(0);
    assertThat(proof.owner()).isEqualTo(peers.get(OWNER).ref());
    assertThat(proof.grantor()).isEqualTo(peers.get(GRANTOR).id());
    assertThat(proof.epoch()).isEqualTo(4);
    assertThat(proof.covers(KEY, proof.until() - 1)).isTrue();
    assertThat(proof.covers(KEY, proof.until())).isFalse();
    assertThat(proof.covers(position(OWNER + 1), 0)).isFalse();
    assertThat(proofs.stream().mapToLong(each -> each.statistics().signed()).sum()).isEqualTo(2);
  }

  @Test
  void anOwnerProvesToItself() {
    ring(Optional.empty());
    assertThat(ask(OWNER, KEY).proofs).hasSize(1);
  }

  @Test
  void aProofIsUsedAgainWhileItHolds() {
    ring(Optional.empty());
    Heard heard = new Heard();
    SimulatedPeer asker = peers.get(ASKER);
    asker.run(now -> proofs.get(ASKER).prove(now, KEY, true, LIFE, heard));
    simulation.runFor(Duration.ofSeconds(1));
    asker.run(now -> proofs.get(ASKER).prove(now, KEY, true, LIFE, heard));
    assertThat(heard.proofs).hasSize(2);
    assertThat(proofs.get(OWNER).statistics().signed()).isEqualTo(1);
    simulation.runFor(Duration.ofSeconds(4));
    asker.run(now -> proofs.get(ASKER).prove(now, KEY, true, LIFE, heard));
    assertThat(heard.proofs).hasSize(2);
    asker.run(now -> proofs.get(ASKER).forget(peers.get(OWNER).id()));
    simulation.runFor(Duration.ofSeconds(1));
    assertThat(heard.proofs).hasSize(3);
    assertThat(proofs.get(OWNER).statistics().signed()).isEqualTo(2);
  }

  @ParameterizedTest
  @EnumSource(Lie.class)
  void whoLiesIsFoundOutAndTheOwnerIsFoundThoughTheOwnTableDoesNotNameIt(Lie lie) {
    ring(Optional.of(lie));
    hideOwner();
    Heard heard = ask(ASKER, KEY);
    assertThat(heard.proofs).hasSize(1);
    assertThat(heard.proofs.get(0).owner()).isEqualTo(peers.get(OWNER).ref());
    assertThat(liar.asked).isPositive();
    ProofStatistics counted = proofs.get(ASKER).statistics();
    assertThat(lie == Lie.OLD_PROOF ? counted.stray() : counted.refused()).isPositive();
  }

  /** The asker's table names the liar as the owner. */
  private void hideOwner() {
    List<SimulatedPeer> known = new ArrayList<>(peers);
    known.remove(GRANTOR);
    known.remove(OWNER);
    view(ASKER, known);
  }

  @ParameterizedTest
  @EnumSource(Lie.class)
  void whereNobodyButALiarAnswersNothingIsProved(Lie lie) {
    ring(Optional.of(lie));
    hideOwner();
    for (int i = 0; i < SIZE; i++) {
      if (i != ASKER && i != LIAR) {
        peers.get(i).killHost();
      }
    }
    Heard heard = ask(ASKER, KEY);
    assertThat(heard.proofs).isEmpty();
    // An old proof is no answer to any question.
    assertThat(heard.failures)
        .containsExactly(lie == Lie.OLD_PROOF ? ErrorCode.NOT_READY : ErrorCode.BAD_SIGNATURE);
  }

  @Test
  void whereNobodyAnswersThatIsSaid() {
    ring(Optional.empty());
    peers.subList(1, SIZE).forEach(SimulatedPeer::killHost);
    assertThat(ask(ASKER, KEY).failures).containsExactly(ErrorCode.NOT_READY);
  }

  @Test
  void theNearestPeerBehindAKeyIsFoundWithoutItsGrantorsWord() {
    ring(Optional.of(Lie.ITS_OWN_WORD));
    hideOwner();
    peers.get(GRANTOR).killHost();
    assertThat(ask(ASKER, KEY).proofs).isEmpty();
    Heard heard = ask(ASKER, KEY, false);
    assertThat(heard.proofs).hasSize(1);
    assertThat(heard.proofs.get(0).owner()).isEqualTo(peers.get(OWNER).ref());
    assertThat(heard.proofs.get(0).isGranted()).isFalse();
  }

  @Test
  void aPeerThatAsksWithoutEndGetsItsShareOfSignatures() {
    ring(Optional.empty());
    Effects[] given = new Effects[1];
    SimulatedPeer flood = simulation.peer("flood");
    flood.host(
        new ProofCodec(),
        effects -> {
          given[0] = effects;
          return new Machine() {};
        });
    for (int i = 0; i < 500; i++) {
      Prove prove = new Prove(new Key(i, i), KEY, false);
      flood.run(now -> given[0].send(peers.get(OWNER).ref(), prove));
    }
    simulation.runFor(Duration.ofSeconds(1));
    ProofStatistics counted = proofs.get(OWNER).statistics();
    assertThat(counted.signed()).isEqualTo(2L * Attesting.QUESTIONS);
    assertThat(counted.ignored()).isEqualTo(500 - Attesting.QUESTIONS);
    assertThat(ask(ASKER, KEY).proofs).hasSize(1);
  }
}
