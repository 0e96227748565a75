// A message that goes to nobody who has not proved to own its key.
package dev.p2pkit.overlay.proof;

import dev.p2pkit.overlay.routing.Draft;
import dev.p2pkit.overlay.routing.Outcome;
import dev.p2pkit.sdk.Delivery;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.function.Consumer;

/**
 * Sends a message by key to the peer that has proved to own the key, straight over its link, and
 * takes no other's word for what became of it. While it has certainly arrived nowhere, and there is
 * time, the next proof is asked for. Order is kept among messages that need no second proof.
 */
public final class ProvenSend {
  /** Fewer rounds than a liar would like. */
  private static final int MOST_ROUNDS = 32;

  private static final long SHORTEST = 1_000;

  /** What a message needs of its peer; each may answer at once or later, on any thread. */
  public interface Host {
    /** The machine time. */
    long now();

    /** As {@link Proofs#prove}. */
    void prove(Key key, boolean granted, long life, Proofs.Answer answer);

    /** As {@link Proofs#forget}. */
    void forget(PeerId owner);

    /** Opens a call. */
    void open(Draft draft, Consumer<Outcome> whenDone);
  }

  private final Host host;
  private final PeerId self;
  private final Draft draft;
  private final boolean granted;
  private final Consumer<Outcome> whenDone;
  private final long deadline;
  private int rounds;
  private Outcome last;

  private ProvenSend(
      Host host, PeerId self, Draft draft, boolean granted, Consumer<Outcome> whenDone) {
    this.granted = granted;
    this.host = host;
    this.self = self;
    this.draft = draft;
    this.whenDone = whenDone;
    deadline = host.now() + draft.lifeMicros();
    last = new Outcome.Failed(ErrorCode.NOT_READY, "no proof was asked for", self);
  }

  /**
   * Sends a message.
   *
   * @param self this peer
   * @param draft to a key
   * @param granted whether the grantor's word is wanted, as in {@link Proofs#prove}
   * @param whenDone hears the outcome, once; BAD_SIGNATURE if only wrong proofs were shown,
   *     NOT_READY if none
   */
  public static void open(
      Host host, PeerId self, Draft draft, boolean granted, Consumer<Outcome> whenDone) {
    new ProvenSend(host, self, draft, granted, whenDone).prove();
  }

  private void prove() {
    long left = deadline - host.now();
    if (left < SHORTEST || rounds++ >= MOST_ROUNDS) {
      whenDone.accept(last);
      return;
    }
    host.prove(
        draft.target(),
        granted,
        left,
        new Proofs.Answer() {
          @Override
          public void proven(OwnerProof proof) {
            send(proof);
          }

          @Override
          public void failed(ErrorCode code, String detail) {
            whenDone.accept(new Outcome.Failed(code, detail, self));
          }
        });
  }

  private void send(OwnerProof proof) {
    long left = deadline - host.now();
    if (left < SHORTEST) {
      whenDone.accept(last);
    } else if (!proof.covers(draft.target(), host.now())) {
      prove();
    } else {
      host.open(draft.only(proof.owner(), left), outcome -> ended(proof, outcome));
    }
  }

  private void ended(OwnerProof proof, Outcome outcome) {
    boolean nowhere =
        outcome instanceof Outcome.Failed failed
            && failed.code().delivery() == Delivery.NOT_DELIVERED
            && (failed.code() == ErrorCode.NOT_READY || failed.code() == ErrorCode.NO_ROUTE);
    if (nowhere) {
      last = outcome;
      host.forget(proof.owner().id());
      prove();
    } else {
      whenDone.accept(outcome);
    }
  }
}
