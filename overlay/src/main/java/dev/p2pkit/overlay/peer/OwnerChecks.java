// Proofs of ownership for messages that go to nobody else than the owner.
package dev.p2pkit.overlay.peer;

import dev.p2pkit.overlay.proof.OwnerProof;
import dev.p2pkit.overlay.proof.ProofCodec;
import dev.p2pkit.overlay.proof.ProofStatistics;
import dev.p2pkit.overlay.proof.Proofs;
import dev.p2pkit.overlay.proof.ProvenSend;
import dev.p2pkit.overlay.ring.RingMachine;
import dev.p2pkit.overlay.routing.Draft;
import dev.p2pkit.overlay.routing.Outcome;
import dev.p2pkit.overlay.transport.Identity;
import dev.p2pkit.overlay.transport.TransportConfig;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Has owners prove what they own, on the control thread, and sends what waits for such a proof by
 * the data plane. Thread-safe.
 */
final class OwnerChecks implements ProvenSend.Host {
  private final ControlLoop loop;
  private final DataPlane data;
  private final Proofs proofs;

  /** Before the loop starts: hosts the machine of the proofs on it. */
  OwnerChecks(
      ControlLoop loop,
      DataPlane data,
      RingMachine ring,
      Identity identity,
      TransportConfig transport) {
    this.loop = loop;
    this.data = data;
    SecureRandom unguessable = new SecureRandom();
    proofs =
        loop.host(
            List.of(new ProofCodec()),
            effects ->
                new Proofs(
                    effects,
                    ring.deeds(),
                    new IdentitySeals(identity),
                    RootCredentials.of(transport, System::currentTimeMillis),
                    unguessable::nextLong));
  }

  /** Completes a future with the proof of a key's owner, or with why there is none. */
  void prove(Key key, boolean granted, Duration limit, CompletableFuture<OwnerProof> done) {
    prove(
        key,
        granted,
        TimeUnit.NANOSECONDS.toMicros(limit.toNanos()),
        new Proofs.Answer() {
          @Override
          public void proven(OwnerProof proof) {
            loop.run(now -> done.complete(proof));
          }

          @Override
          public void failed(ErrorCode code, String detail) {
            loop.run(now -> done.completeExceptionally(new KitException(code, detail)));
          }
        });
  }

  @Override
  public long now() {
    return loop.now();
  }

  @Override
  public void prove(Key key, boolean granted, long life, Proofs.Answer answer) {
    if (!loop.tryRun(now -> proofs.prove(now, key, granted, life, answer))) {
      answer.failed(ErrorCode.CLOSED, "this peer was closed");
    }
  }

  @Override
  public void forget(PeerId owner) {
    loop.run(now -> proofs.forget(owner));
  }

  @Override
  public void open(Draft draft, Consumer<Outcome> whenDone) {
    data.open(draft, whenDone);
  }

  /** What was asked, shown and refused so far. */
  ProofStatistics statistics() {
    return proofs.statistics();
  }
}
