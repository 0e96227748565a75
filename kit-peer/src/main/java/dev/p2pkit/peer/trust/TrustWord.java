// What a notice of trust says.
package dev.p2pkit.peer.trust;

import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.overlay.transport.Ed25519;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** A word about an owner, or about a name. */
public sealed interface TrustWord {
  /** How a public key is written. */
  Pattern KEY = Pattern.compile("[0-9a-f]{64}");

  /** What it is about: of two words about one thing the later holds. */
  String subject();

  /** Appends the canonical form. */
  void encode(WireWriter out);

  /**
   * Whose services run, or run no more.
   *
   * @param owner public key, 64 hexadecimal digits
   * @param grant what it may do; empty if the root does not trust it any more
   */
  record OfOwner(String owner, Optional<OwnerGrant> grant) implements TrustWord {
    /** Checks the key. */
    public OfOwner {
      check(owner);
    }

    @Override
    public String subject() {
      return "owner " + owner;
    }

    @Override
    public void encode(WireWriter out) {
      out.u8(1);
      raw(out, owner);
      out.u8(grant.map(OwnerGrant::bits).orElse(0));
      grant.ifPresent(
          given -> {
            out.i64(given.expires().toEpochMilli()).u8(given.names().size());
            given.names().forEach(pattern -> out.text(pattern.text()));
          });
    }

    @Override
    public String toString() {
      String of = "owner " + OwnerKey.fingerprint(owner);
      return grant
          .map(it -> of + " is trusted with " + it.namesText() + " until " + it.expires())
          .orElse(of + " is not trusted any more");
    }
  }

  /**
   * Who may hold a name, or all names that begin alike.
   *
   * @param pattern the names
   * @param owner public key, 64 hexadecimal digits; empty if the first claim decides again
   */
  record OfName(NamePattern pattern, Optional<String> owner) implements TrustWord {
    /** Checks the key. */
    public OfName {
      owner.ifPresent(TrustWord::check);
    }

    @Override
    public String subject() {
      return "name " + pattern;
    }

    @Override
    public void encode(WireWriter out) {
      out.u8(2).text(pattern.text()).bool(owner.isPresent());
      owner.ifPresent(key -> raw(out, key));
    }

    @Override
    public String toString() {
      return owner
          .map(key -> "the name " + pattern + " is owner " + OwnerKey.fingerprint(key) + "'s")
          .orElse("the name " + pattern + " is whose claim was first");
    }
  }

  private static void check(String owner) {
    if (!KEY.matcher(owner).matches()) {
      throw new IllegalArgumentException(
          "'"
              + owner
              + "' is no owner's public key: 64 hexadecimal digits, as 'p2pkit service key' prints"
              + " them");
    }
  }

  private static void raw(WireWriter out, String key) {
    out.raw(HexFormat.of().parseHex(key), 0, Ed25519.KEY_BYTES);
  }

  /**
   * Reads what {@link #encode} writes.
   *
   * @throws WireException if there is none
   */
  static TrustWord decode(WireReader in) {
    int kind = in.u8();
    try {
      return switch (kind) {
        case 1 -> owner(in);
        case 2 ->
            new OfName(
                new NamePattern(in.text(NamePattern.MOST)),
                in.bool() ? Optional.of(key(in)) : Optional.empty());
        default -> throw new WireException("a notice of trust of the unknown kind " + kind);
      };
    } catch (IllegalArgumentException e) {
      throw new WireException("no notice of trust: " + e.getMessage());
    }
  }

  private static OfOwner owner(WireReader in) {
    String owner = key(in);
    int bits = in.u8();
    if (bits == 0) {
      return new OfOwner(owner, Optional.empty());
    }
    Set<OwnerGrant.Right> rights = OwnerGrant.rights(bits);
    Instant expires = Instant.ofEpochMilli(in.i64());
    int count = in.u8();
    if (rights.isEmpty() || count > OwnerGrant.MOST_NAMES) {
      throw new WireException("a notice of trust with unknown rights or " + count + " names");
    }
    List<NamePattern> names = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      names.add(new NamePattern(in.text(NamePattern.MOST)));
    }
    return new OfOwner(owner, Optional.of(new OwnerGrant(rights, names, expires)));
  }

  private static String key(WireReader in) {
    return HexFormat.of().formatHex(in.raw(Ed25519.KEY_BYTES));
  }
}
