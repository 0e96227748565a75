// A builder's settings, checked and turned into what the parts understand.
package dev.p2pkit.peer;

import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.overlay.peer.EntryPoint;
import dev.p2pkit.overlay.peer.OverlayConfig;
import dev.p2pkit.overlay.ring.LadderConfig;
import dev.p2pkit.overlay.ring.RingConfig;
import dev.p2pkit.overlay.transport.Ed25519;
import dev.p2pkit.overlay.transport.LinkLimits;
import dev.p2pkit.overlay.transport.Membership;
import dev.p2pkit.overlay.transport.MembershipCertificate;
import dev.p2pkit.overlay.transport.TransportConfig;
import dev.p2pkit.peer.registry.TrustPolicy;
import dev.p2pkit.peer.rights.HeldTickets;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a peer is started with.
 *
 * @param overlay for the overlay
 * @param trust whose services run here
 * @param tickets what this peer's programs and services may call of what is restricted
 * @param root the public key of the network's root, whose bans are obeyed
 */
record StartSettings(
    OverlayConfig overlay, TrustPolicy trust, HeldTickets tickets, Optional<byte[]> root) {
  private static final Logger log = LoggerFactory.getLogger(StartSettings.class);
  private static final int MAX_SECRET = 4_096;

  static StartSettings of(PeerBuilder settings) {
    settings.entryPoints.forEach(EntryPoint::parse);
    TransportConfig transport =
        TransportConfig.defaults()
            .withBind(settings.host, settings.port)
            .withNetwork(settings.network)
            .withMembership(membership(settings))
            .withTls(settings.tls)
            .withOpen(settings.open)
            .withLimits(
                LinkLimits.defaults()
                    .withSource(LinkLimits.defaults().sourceGreetings(), settings.dialsPerSource)
                    .withHandshakes(
                        settings.handshakes, LinkLimits.defaults().waitingHandshakes()));
    if (settings.advertise.isPresent()) {
      transport = transport.withAdvertise(settings.advertise.get());
    }
    OverlayConfig overlay =
        OverlayConfig.defaults().withTransport(transport).withRing(ring(settings));
    return new StartSettings(
        settings.joinMode == JoinMode.OBSERVE ? overlay.observing() : overlay,
        trust(settings),
        new HeldTickets(settings.serviceTickets, Clock.systemUTC()),
        root(settings, transport.membership()));
  }

  private static RingConfig ring(PeerBuilder settings) {
    RingConfig profile =
        switch (settings.heartbeat) {
          case DEFAULT -> RingConfig.DEFAULT;
          case FAST -> RingConfig.FAST;
        };
    return profile
        .withLease(profile.lease().withTrustDeath(settings.trustDeath))
        .withLadder(
            LadderConfig.DEFAULT
                .withBudget(settings.overlayBandwidth, settings.tableMemory)
                .withContacts(settings.contacts));
  }

  /** For the overlay, with the lock that the peer holds while it lives. */
  OverlayConfig overlay(Optional<Key> lock) {
    return overlay.withTransport(overlay.transport().withLock(lock));
  }

  private static Optional<byte[]> root(PeerBuilder settings, Membership membership) {
    if (settings.rootKey.isPresent()) {
      String digits = settings.rootKey.get();
      try {
        byte[] key = HexFormat.of().parseHex(digits);
        if (key.length == Ed25519.KEY_BYTES) {
          return Optional.of(key);
        }
      } catch (IllegalArgumentException e) {
        log.debug("not hexadecimal", e);
      }
      throw new KitException(
          ErrorCode.BAD_SIGNATURE,
          "'"
              + digits
              + "' is not the public key of a network's root: 64 hexadecimal digits, as"
              + " 'p2pkit membership root' prints them");
    }
    return membership instanceof Membership.RootCertificate proof
        ? Optional.of(proof.certificate().rootKey())
        : Optional.empty();
  }

  private static Membership membership(PeerBuilder settings) {
    if (settings.idPuzzle != 0
        && (settings.rootCertificate.isPresent() || settings.secretFile.isPresent())) {
      throw new KitException(
          ErrorCode.UNAUTHORISED,
          "a puzzle is for networks without a secret or a root; leave one of the two out");
    }
    if (settings.rootCertificate.isPresent()) {
      return new Membership.RootCertificate(
          MembershipCertificate.read(settings.rootCertificate.get()));
    }
    if (settings.secretFile.isPresent()) {
      return new Membership.SharedSecret(secret(settings.secretFile.get()));
    }
    return settings.idPuzzle > 0 ? new Membership.Puzzle(settings.idPuzzle) : Membership.none();
  }

  private static byte[] secret(Path file) {
    try {
      if (Files.size(file) > MAX_SECRET) {
        throw new KitException(
            ErrorCode.UNAUTHORISED,
            "the secret in " + file + " is longer than " + MAX_SECRET + " bytes");
      }
      // The line end that an editor leaves is not part of a secret.
      return Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1)
          .strip()
          .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new KitException(
          ErrorCode.UNAUTHORISED,
          "cannot read the network's secret from " + file + "; check the file and its permissions",
          e);
    }
  }

  private static TrustPolicy trust(PeerBuilder settings) {
    return switch (settings.installPolicy) {
      case DENY -> new TrustPolicy.Deny();
      case ANY -> {
        if (!isLoopback(settings.host)) {
          throw new KitException(
              ErrorCode.UNAUTHORISED,
              "the install policy 'any' runs everybody's code and is for loopback only, not for "
                  + settings.host
                  + "; use 'trusted' with --trust");
        }
        yield new TrustPolicy.Any();
      }
      case TRUSTED -> {
        TrustPolicy.Trusted listed = TrustPolicy.trusting(settings.trusted);
        Set<String> owners = new HashSet<>(listed.owners());
        try {
          owners.add(OwnerKey.loadOrCreate(settings.ownerKey).publicHex());
        } catch (KitException e) {
          if (settings.ownerKey.isPresent()) {
            throw e;
          }
          // A peer that runs as a user without a home installs nothing itself.
          log.warn("services of this user's own are not trusted here: {}", e.detail());
        }
        yield new TrustPolicy.Trusted(owners);
      }
    };
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
