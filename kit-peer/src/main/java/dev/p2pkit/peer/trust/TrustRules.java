// What the notices of trust come to: whose records count, and whose a name is.
package dev.p2pkit.peer.trust;

import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.peer.trust.OwnerGrant.Right;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The latest words of the root about owners and names. They depend on the notices alone, not on the
 * order in which these came: peers that know the same notices judge alike. Immutable.
 */
public final class TrustRules {
  /** The root has said nothing. */
  public static final TrustRules NONE = of(List.of());

  private final Map<String, Optional<OwnerGrant>> owners = new HashMap<>();
  private final TreeMap<NamePattern, String> names = new TreeMap<>();

  private TrustRules() {}

  /** What notices come to, of which several may be about the same. */
  public static TrustRules of(Collection<TrustNotice> notices) {
    Map<String, TrustNotice> latest = new HashMap<>();
    for (TrustNotice notice : notices) {
      latest.merge(notice.subject(), notice, (one, other) -> other.supersedes(one) ? other : one);
    }
    TrustRules rules = new TrustRules();
    for (TrustNotice notice : latest.values()) {
      TrustWord word = notice.word();
      if (word instanceof TrustWord.OfOwner owner) {
        rules.owners.put(owner.owner(), owner.grant());
      } else if (word instanceof TrustWord.OfName name) {
        name.owner().ifPresent(key -> rules.names.put(name.pattern(), key));
      }
    }
    return rules;
  }

  /**
   * Whose a name is; empty if the first claim decides. Of several patterns the narrowest does.
   * Names that are made from an owner's key are that owner's, whatever the patterns say.
   *
   * @return a public key, 64 hexadecimal digits
   */
  public Optional<String> holder(String name) {
    if (OwnerKey.isFresh(name)) {
      return Optional.empty();
    }
    for (Map.Entry<NamePattern, String> each : names.entrySet()) {
      if (each.getKey().covers(name)) {
        return Optional.of(each.getValue());
      }
    }
    return Optional.empty();
  }

  /** Whether the root has taken its trust in an owner back. */
  public boolean isRevoked(String owner) {
    Optional<OwnerGrant> grant = owners.get(owner);
    return grant != null && grant.isEmpty();
  }

  /**
   * Why the root does not vouch for a record; empty if it does.
   *
   * @param needed the right that it takes to bring it; empty if it is in force already
   * @param atMillis when it was signed or is used, milliseconds since 1970
   */
  public Optional<String> refusal(ServiceRecord record, Optional<Right> needed, long atMillis) {
    String owner = record.owner();
    String whose = "the owner " + OwnerKey.fingerprint(owner);
    Optional<OwnerGrant> known = owners.get(owner);
    if (known == null) {
      return Optional.of(
          whose
              + " is not trusted here; restart this peer with --trust "
              + owner
              + ", or have the network's root trust it everywhere: p2pkit trust owner "
              + owner);
    }
    if (known.isEmpty()) {
      return Optional.of(
          whose
              + " is not trusted any more: the network's root has revoked it; sign with another"
              + " key that is trusted, or ask the root for 'p2pkit trust owner "
              + owner
              + "'");
    }
    OwnerGrant grant = known.get();
    if (needed.isPresent() && !grant.rights().contains(needed.get())) {
      return lacks(whose + " is trusted, but not to " + needed.get().word(), owner);
    }
    if (!OwnerKey.isFresh(record.name()) && !grant.covers(record.name())) {
      return lacks(
          whose
              + " is trusted with the names "
              + grant.namesText()
              + ", not with "
              + record.name()
              + "; choose such a name",
          owner);
    }
    if (Instant.ofEpochMilli(atMillis).isAfter(grant.expires())) {
      return lacks(whose + " was trusted until " + grant.expires(), owner);
    }
    return Optional.empty();
  }

  private static Optional<String> lacks(String what, String owner) {
    return Optional.of(what + ", or ask the network's root for more: p2pkit trust owner " + owner);
  }
}
