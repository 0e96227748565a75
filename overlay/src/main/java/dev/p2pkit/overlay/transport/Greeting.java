// What two sides say before a link is up, and what each checks; no I/O.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.overlay.transport.LinkFrame.Hello;
import dev.p2pkit.overlay.transport.LinkFrame.Proof;
import dev.p2pkit.overlay.transport.LinkFrame.Role;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * One side of the greeting of one link.
 *
 * <pre>
 *   dialler                     dialled
 *      | -- HELLO ------------------> |   versions, role, network, nonce, address, lease
 *      | <------- HELLO, PROOF ------ |   PROOF: over both keys and both nonces
 *      | -- PROOF ------------------> |
 *      | <------- WELCOME ----------- |   from here on, the link is up
 * </pre>
 *
 * Where TLS has shown the dialler whom it expects, its PROOF follows its HELLO at once, over both
 * keys and its own nonce, and WELCOME comes a round trip earlier. Nobody else could use that proof:
 * TLS proves the dialler's key to the other side.
 *
 * <p>Each step throws a {@link KitException} with what is wrong; the other side is told the same.
 */
final class Greeting {
  static final int MAGIC = 0x50325031; // "P2P1"

  private static final byte[] KEY_LABEL = ascii("p2pkit link key 1");
  private static final byte[] MEMBER_LABEL = ascii("p2pkit link member 1");
  private static final byte[] EARLY_LABEL = ascii("p2pkit link early member 1");

  private final boolean dialler;
  private final Identity identity;
  private final Membership membership;
  private final Hello own;
  private final Optional<byte[]> provedKey;
  private @Nullable Hello other;
  private byte[] otherKey;

  /**
   * A greeting.
   *
   * @param provedKey the other side's key if TLS has proved it; without TLS it must sign
   */
  Greeting(
      boolean dialler,
      Identity identity,
      Membership membership,
      Hello own,
      Optional<byte[]> provedKey) {
    this.dialler = dialler;
    this.identity = identity;
    this.membership = membership;
    this.own = own;
    this.provedKey = provedKey;
    otherKey = provedKey.orElseGet(() -> new byte[0]);
  }

  Hello ownHello() {
    return own;
  }

  /** What the other side has said. */
  Hello other() {
    if (other == null) {
      throw new WireException("a greeting begins with HELLO");
    }
    return other;
  }

  PeerId otherId() {
    return Identity.idOf(otherKey);
  }

  /** The newest version that both speak. */
  int version() {
    return Math.min(own.newest(), other().newest());
  }

  private boolean withClient() {
    return own.role() == Role.CLIENT || other().role() == Role.CLIENT;
  }

  /** Checks what the other side says of itself. */
  void heard(Hello hello) {
    if (other != null) {
      throw new WireException("a greeting has one HELLO");
    }
    if (hello.oldest() > own.newest() || hello.newest() < own.oldest()) {
      throw new KitException(
          ErrorCode.VERSION_SKEW,
          "one side speaks the link protocol in versions "
              + range(own)
              + ", the other in "
              + range(hello)
              + "; upgrade the older one");
    }
    if (hello.nonce().length() != LinkFrame.NONCE_BYTES) {
      throw new WireException("a nonce has " + LinkFrame.NONCE_BYTES + " bytes");
    }
    otherKey = provedKey.orElseGet(() -> hello.publicKey().value());
    if (otherKey.length != Ed25519.KEY_BYTES) {
      throw new WireException("a greeting without TLS carries the public key");
    }
    if (hello.role() == Role.PEER && hello.address().isEmpty()) {
      throw new WireException("a peer says where it can be dialled");
    }
    if (dialler && hello.role() == Role.CLIENT) {
      throw new WireException("a client does not accept links");
    }
    if (!hello.network().equals(own.network())) {
      throw new KitException(
          ErrorCode.NETWORK_MISMATCH,
          "one side belongs to the network '"
              + own.network()
              + "', the other to '"
              + hello.network()
              + "'; give both the same name");
    }
    checkLease(hello);
    other = hello;
  }

  /**
   * Rules R2 and R3 of leased ownership: who grants waits for its own length of a lease, and who
   * holds serves for its own. With two lengths in one ring a key could have two owners.
   */
  private void checkLease(Hello hello) {
    boolean clients = own.role() == Role.CLIENT || hello.role() == Role.CLIENT;
    if (!clients && hello.lease() != own.lease()) {
      throw mismatch(
          "leases run for "
              + own.lease()
              + " µs on one side and for "
              + hello.lease()
              + " µs on the other, so that a key could have two owners; start all peers of '"
              + own.network()
              + "' with the same --heartbeat");
    }
  }

  private static String range(Hello hello) {
    return hello.oldest() + " to " + hello.newest();
  }

  /** Whether the dialler knows by TLS who is there, before anything is said. */
  boolean knowsOther() {
    return provedKey.isPresent();
  }

  /** The dialler's proof before it has heard anything; only if it {@link #knowsOther}. */
  Proof earlyProof() {
    return own.role() == Role.CLIENT
        ? new Proof(Bytes.EMPTY, Proof.NONE, Bytes.EMPTY)
        : member(Bytes.EMPTY, secret -> seal(secret, early(own.nonce())));
  }

  /** This side's proof; only after {@link #heard}. */
  Proof proof() {
    Bytes signature =
        provedKey.isPresent()
            ? Bytes.EMPTY
            : new Bytes(identity.sign(transcript(KEY_LABEL, dialler)));
    if (withClient()) {
      return new Proof(signature, Proof.NONE, Bytes.EMPTY);
    }
    return member(signature, secret -> seal(secret, transcript(MEMBER_LABEL, dialler)));
  }

  private Proof member(Bytes signature, Function<Membership.SharedSecret, byte[]> sealed) {
    if (membership instanceof Membership.SharedSecret secret) {
      return new Proof(signature, Proof.SECRET, new Bytes(sealed.apply(secret)));
    }
    if (membership instanceof Membership.RootCertificate root) {
      return new Proof(signature, Proof.CERTIFICATE, new Bytes(root.certificate().encode()));
    }
    int kind = membership instanceof Membership.Puzzle ? Proof.PUZZLE : Proof.NONE;
    return new Proof(signature, kind, Bytes.EMPTY);
  }

  /** Checks the other side's proof. */
  void check(Proof proof, Instant now) {
    if (provedKey.isEmpty()
        && !Ed25519.verify(otherKey, transcript(KEY_LABEL, !dialler), proof.signature().value())) {
      throw new KitException(
          ErrorCode.UNAUTHORISED, "the other side does not have the private key of its identity");
    }
    if (withClient()) {
      return;
    }
    if (membership instanceof Membership.SharedSecret secret) {
      if (proof.kind() != Proof.SECRET || !isSealed(secret, proof.membership().value())) {
        throw mismatch(
            "the members of '"
                + own.network()
                + "' share a secret, and one side does not have the same; give both the same"
                + " secret file");
      }
    } else if (membership instanceof Membership.RootCertificate root) {
      checkCertificate(root.certificate(), proof, now);
    } else if (membership instanceof Membership.Puzzle puzzle) {
      checkPuzzle(puzzle, proof);
    } else if (proof.kind() != Proof.NONE) {
      throw mismatch(
          "one side asks for proof of membership of '"
              + own.network()
              + "', the other has none; give both the same secret file, certificates of the same"
              + " root, or the same --id-puzzle");
    }
  }

  private void checkPuzzle(Membership.Puzzle puzzle, Proof proof) {
    int solved = IdPuzzle.solvedBits(otherKey);
    if (proof.kind() != Proof.PUZZLE || solved < puzzle.bits()) {
      throw mismatch(
          "the identities of '"
              + own.network()
              + "' solve a puzzle of "
              + puzzle.bits()
              + " bits, that of peer "
              + otherId()
              + " only "
              + solved
              + "; make another with 'p2pkit identity --puzzle "
              + puzzle.bits()
              + "', and start both sides with --id-puzzle "
              + puzzle.bits());
    }
  }

  private void checkCertificate(MembershipCertificate mine, Proof proof, Instant now) {
    if (proof.kind() != Proof.CERTIFICATE) {
      throw mismatch(
          "the members of '"
              + own.network()
              + "' have certificates of its root, and one side has none; ask the root for one");
    }
    MembershipCertificate theirs = MembershipCertificate.decode(proof.membership().value());
    if (!Arrays.equals(theirs.rootKey(), mine.rootKey()) || !theirs.isGenuine()) {
      throw mismatch("the certificate of one side is not of this network's root");
    }
    if (!theirs.isFor(otherKey) || !theirs.network().equals(own.network())) {
      throw mismatch("the certificate of one side was issued to another peer or network");
    }
    if (!theirs.expires().isAfter(now)) {
      throw mismatch(
          "the certificate of peer "
              + otherId()
              + " expired at "
              + theirs.expires()
              + "; ask the root for a new one");
    }
  }

  private static KitException mismatch(String detail) {
    return new KitException(ErrorCode.NETWORK_MISMATCH, detail);
  }

  private boolean isSealed(Membership.SharedSecret secret, byte[] seal) {
    byte[] usual = seal(secret, transcript(MEMBER_LABEL, !dialler));
    boolean mayBeEarly = !dialler && provedKey.isPresent();
    return MessageDigest.isEqual(usual, seal)
        || (mayBeEarly && MessageDigest.isEqual(seal(secret, early(other().nonce())), seal));
  }

  private static byte[] seal(Membership.SharedSecret secret, byte[] transcript) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.secret(), "HmacSHA256"));
      return mac.doFinal(transcript);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }

  /** What is signed and sealed: bound to both keys, both nonces and the side whose proof it is. */
  private byte[] transcript(byte[] label, boolean ofDialler) {
    Bytes theirs = other().nonce();
    Bytes diallerNonce = dialler ? own.nonce() : theirs;
    Bytes dialledNonce = dialler ? theirs : own.nonce();
    return keys(label, ofDialler)
        .raw(diallerNonce.value(), 0, diallerNonce.length())
        .raw(dialledNonce.value(), 0, dialledNonce.length())
        .toBytes();
  }

  /** The same of a dialler that has heard no nonce yet. */
  private byte[] early(Bytes diallerNonce) {
    return keys(EARLY_LABEL, true).raw(diallerNonce.value(), 0, diallerNonce.length()).toBytes();
  }

  private WireWriter keys(byte[] label, boolean ofDialler) {
    byte[] ownKey = identity.rawPublicKey();
    byte[] diallerKey = dialler ? ownKey : otherKey;
    byte[] dialledKey = dialler ? otherKey : ownKey;
    return new WireWriter(256)
        .bytes(label)
        .bool(ofDialler)
        .text(own.network())
        .raw(diallerKey, 0, diallerKey.length)
        .raw(dialledKey, 0, dialledKey.length);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
