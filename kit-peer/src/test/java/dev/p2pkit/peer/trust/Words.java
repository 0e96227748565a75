// Signed words of one root, for tests.
package dev.p2pkit.peer.trust;

import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.overlay.notice.Authority;
import dev.p2pkit.overlay.transport.NetworkRoot;
import dev.p2pkit.peer.trust.OwnerGrant.Right;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;

/** Issues notices of trust; each is a millisecond later than the one before. */
public final class Words {
  private static final Instant FOREVER = Instant.parse("2100-01-01T00:00:00Z");

  private final NetworkRoot root = NetworkRoot.ephemeral();
  private long millis;

  /** Words that are signed from this moment on, in milliseconds since 1970. */
  public Words(long millis) {
    this.millis = millis;
  }

  /** The root's public key, 64 hexadecimal digits. */
  public String rootKey() {
    return HexFormat.of().formatHex(root.rawPublicKey());
  }

  /** Signs a word. */
  public TrustNotice say(TrustWord word) {
    return TrustNotice.issue(
        "p2pkit",
        Instant.ofEpochMilli(millis++),
        word,
        "",
        new Authority(root.rawPublicKey(), Optional.empty()),
        root::sign);
  }

  /** Trusts an owner for ever, with these names, or with all. */
  public TrustNotice owner(OwnerKey owner, String... names) {
    return owner(owner, FOREVER, EnumSet.allOf(Right.class), names);
  }

  /** Trusts an owner. */
  public TrustNotice owner(OwnerKey owner, Instant expires, Set<Right> rights, String... names) {
    return say(
        new TrustWord.OfOwner(
            owner.publicHex(),
            Optional.of(
                new OwnerGrant(
                    rights,
                    Arrays.stream(names.length == 0 ? new String[] {"*"} : names)
                        .map(NamePattern::new)
                        .toList(),
                    expires))));
  }

  /** Trusts an owner no more. */
  public TrustNotice revoked(OwnerKey owner) {
    return say(new TrustWord.OfOwner(owner.publicHex(), Optional.empty()));
  }

  /** Gives a name to an owner. */
  public TrustNotice name(String pattern, OwnerKey owner) {
    return say(new TrustWord.OfName(new NamePattern(pattern), Optional.of(owner.publicHex())));
  }

  /** Leaves a name to the first claim. */
  public TrustNotice free(String pattern) {
    return say(new TrustWord.OfName(new NamePattern(pattern), Optional.empty()));
  }
}
