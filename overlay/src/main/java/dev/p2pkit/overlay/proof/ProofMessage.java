// What is said about who owns a key.
package dev.p2pkit.overlay.proof;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.List;
import java.util.Optional;

/** A message about proofs. */
sealed interface ProofMessage extends WireMessage {
  /**
   * "Do you own this key? Then prove it; else name those who may know."
   *
   * @param granted whether the grantor's word is wanted too
   */
  record Prove(Key nonce, Key key, boolean granted) implements ProofMessage {}

  /** The owner of an arc asks its grantor to attest the arc to {@code asker}. */
  record Vouch(PeerId asker, Key nonce) implements ProofMessage {}

  /** What the grantor attests; empty if it has granted the asking peer nothing. */
  record Vouched(PeerId asker, Key nonce, Optional<SignedGrant> grant) implements ProofMessage {}

  /**
   * "I own it."
   *
   * @param seal the owner's signature over {@link SignedGrant#statement}
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Proven(Key key, SignedGrant grant, byte[] seal) implements ProofMessage {}

  /** "I do not own it; these are near it." At most {@link ProofCodec#MOST_NEAR}. */
  record Near(Key nonce, List<PeerRef> peers) implements ProofMessage {}
}
