// Who signs a record: the owner, or somebody to whom the owner has handed the right.
package dev.p2pkit.client.record;

import java.util.List;

/**
 * A key, and by which certificates it signs for an owner.
 *
 * @param key signs
 * @param owner the owner's public key, 64 hexadecimal digits
 * @param chain from the owner to the key; empty if the key is the owner's
 */
public record Signer(OwnerKey key, String owner, List<Certificate> chain) {
  /** Checks that the chain leads to the key. */
  public Signer {
    chain = List.copyOf(chain);
    String last = chain.isEmpty() ? owner : chain.get(chain.size() - 1).key();
    if (!last.equals(key.publicHex())) {
      throw new IllegalArgumentException("a signer's certificates end with its own key");
    }
  }

  /** An owner signs for itself. */
  public static Signer owner(OwnerKey key) {
    return new Signer(key, key.publicHex(), List.of());
  }

  /** Whether the key is the owner's own. */
  public boolean isOwner() {
    return chain.isEmpty();
  }
}
