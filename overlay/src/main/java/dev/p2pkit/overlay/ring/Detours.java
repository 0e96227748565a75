// The ways around closed paths: neighbours that cannot reach each other speak through a third one.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.broadcast.BroadcastSeals;
import dev.p2pkit.overlay.lease.LeaseMessage;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.overlay.ring.MembershipMessage.Probe;
import dev.p2pkit.overlay.ring.MembershipMessage.ProbeAnswer;
import dev.p2pkit.overlay.ring.MembershipMessage.WitnessAnswer;
import dev.p2pkit.overlay.ring.MembershipMessage.WitnessRequest;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A neighbour that is silent here and that a witness reaches is spoken to through that witness:
 * heartbeats, leases, leaving and questions of the detector, each signed by who has written it and
 * passed on once. The other side answers the same way. So a closed path between two neighbours
 * costs neither of them its place or its arc.
 *
 * <p>A detour lasts as long as messages come through it, and ends when a question that was sent
 * straight is answered straight: only that shows that both directions are open. Whoever passes
 * something on can lose it or hold it back, and no more: a message is taken once, in the order of
 * its numbers, and only if it was written after something that this peer has said a moment ago. The
 * first ones, whose writer has heard nothing from here, are taken for a moment only, and then not
 * again for long: whoever has kept many of them back could make the dead seem alive.
 */
final class Detours {
  /** The most peers to which there is a detour, or was one. */
  private static final int MOST = 64;

  /** How many messages a second a peer passes on for one other, and takes from one link. */
  private static final int PER_SECOND = 32;

  /** A longer message counts for as many as it has times so many bytes. */
  private static final int BYTES_OF_ONE = 4_096;

  /** So long after the first message whose writer has heard nothing, the next such one is first. */
  private static final long UNHEARD_AGAIN = 600_000_000;

  /** Marks the questions that are sent straight; those of the detector are positive. */
  private static final long STRAIGHT = -1;

  private static final long NEVER = Long.MIN_VALUE / 2;

  private static final RingCodec RING = new RingCodec();

  /** A peer that could not be reached, and how it is spoken to. */
  private static final class Detour {
    PeerRef to;
    PeerRef via;

    /** Open until then, if nothing comes through it. */
    long until = NEVER;

    /** When a straight question was last answered straight. */
    long straightAt = NEVER;

    /** The last number that was used. */
    long sent = NEVER;

    /** The highest number that was taken. */
    long taken = NEVER;

    /** What is said of that: 0 as long as nothing was taken since the detour was opened. */
    long echo;

    /** When the first one was taken of those whose writer has heard nothing from here. */
    long unheardSince = NEVER;

    Detour(PeerRef to, PeerRef via) {
      this.to = to;
      this.via = via;
    }
  }

  /** What has come through another peer, and who has written it. */
  record Taken(PeerRef from, WireMessage message) {}

  private final RingCore core;
  private final BroadcastSeals seals;
  private final List<WireCodec> codecs = RingMachine.codecs();
  private final Map<PeerId, Detour> detours = new TreeMap<>();
  private final Allowance<PeerId> errands = new Allowance<>(PER_SECOND);
  private final Allowance<PeerId> intake = new Allowance<>(PER_SECOND);

  /** The time of the present step: messages are sent without one. */
  private long now;

  /** Messages that were passed on for others. */
  private long passedOn;

  /** Messages that were neither passed on nor taken: forged, old, too many, for nobody here. */
  private long refused;

  Detours(RingCore core, BroadcastSeals seals) {
    this.core = core;
    this.seals = seals;
  }

  long passedOn() {
    return passedOn;
  }

  long refused() {
    return refused;
  }

  /** A step begins. */
  void step(long now) {
    this.now = now;
  }

  void clear() {
    detours.clear();
  }

  /**
   * The process is gone, or the peer is another process now. What was taken of it is kept: it may
   * be taken for dead by mistake, and must not be heard twice.
   */
  void forget(long now, PeerId id) {
    Detour detour = detours.get(id);
    if (detour != null) {
      detour.until = NEVER;
      detour.echo = 0;
    }
    lost(now, id);
  }

  /** Whether a peer is spoken to through another one. */
  boolean isOpen(PeerId id) {
    Detour detour = detours.isEmpty() ? null : detours.get(id);
    return detour != null && now < detour.until;
  }

  /** A witness reaches a peer that is silent here. */
  void open(long now, PeerRef to, PeerRef via) {
    if (core.pointers.contain(to.id()) && !core.isSelf(via.id()) && !via.id().equals(to.id())) {
      Detour detour = detourTo(to, via);
      goAround(now, detour, via);
      detour.echo = 0;
      core.stabiliser.soon(now);
    }
  }

  private void goAround(long now, Detour detour, PeerRef via) {
    if (now >= detour.until) {
      // Messages of programs wait in a link through which nothing comes: without it they go another
      // way, and so do answers.
      core.effects.close(detour.to);
    }
    detour.via = via;
    detour.until = now + lasting();
  }

  /** Long enough for two heartbeats, short enough to find another way within a lease. */
  private long lasting() {
    return core.config.heartbeat() * 5 / 2;
  }

  private Detour detourTo(PeerRef to, PeerRef via) {
    Detour detour = detours.get(to.id());
    if (detour == null || detour.to.incarnation() != to.incarnation()) {
      if (detours.size() >= MOST) {
        // Strangers who write a lot push out each other, and nobody who is a neighbour.
        detours.values().stream()
            .min(Comparator.<Detour>comparingInt(this::rank).thenComparingLong(each -> each.until))
            .ifPresent(least -> detours.remove(least.to.id()));
      }
      detour = new Detour(to, via);
      detours.put(to.id(), detour);
    }
    return detour;
  }

  private int rank(Detour detour) {
    return core.pointers.contain(detour.to.id()) ? 1 : 0;
  }

  /** Once in a heartbeat: is the straight way open again, and does anything come the other way? */
  void tick(long now) {
    for (Detour detour : new ArrayList<>(detours.values())) {
      if (now < detour.until) {
        core.effects.send(detour.to, new Probe(STRAIGHT));
      } else if (detour.until > NEVER) {
        end(now, detour);
      }
    }
  }

  private void end(long now, Detour detour) {
    detour.until = NEVER;
    core.detector.investigate(now, detour.to);
  }

  /** An answer that came straight. */
  void onProbeAnswer(long now, PeerRef from, ProbeAnswer answer) {
    Detour detour = answer.nonce() == STRAIGHT ? detours.get(from.id()) : null;
    if (detour != null) {
      detour.until = NEVER;
      detour.straightAt = now;
    }
  }

  void onLink(long now, PeerId peer, LinkEvent event) {
    if (event != LinkEvent.UP) {
      lost(now, peer);
    }
  }

  /** One that passes messages on is gone: another way is looked for at once. */
  private void lost(long now, PeerId via) {
    for (Detour detour : new ArrayList<>(detours.values())) {
      if (detour.until > NEVER && detour.via.id().equals(via)) {
        end(now, detour);
      }
    }
  }

  /** What may come through others. Questions whether a peer can be reached may not. */
  private static boolean isCarried(WireMessage message) {
    return message instanceof LeaseMessage
        || (message instanceof RingMessage && !RingCodec.isAdmission(RING.typeOf(message)))
        || message instanceof WitnessRequest
        || message instanceof WitnessAnswer;
  }

  /** Sends a message through another peer, if that is the way to its receiver. */
  boolean carry(PeerRef to, WireMessage message) {
    if (!isOpen(to.id()) || !isCarried(message)) {
      return false;
    }
    Detour detour = detourTo(to, to);
    WireCodec codec = codecOf(message);
    WireWriter body = new WireWriter(256);
    codec.encode(message, body);
    if (body.size() > Relay.MOST_BODY) {
      // It is lost, most likely, and whoever sends it is used to that.
      refused++;
      return false;
    }
    detour.sent = Math.max(now, detour.sent + 1);
    Relay relay =
        Relay.of(
            core.self,
            detour.via.id(),
            to,
            detour.sent,
            detour.echo,
            codec.typeOf(message),
            body.toBytes());
    core.effects.send(detour.via, relay.sealed(seals.seal(relay.statement())));
    return true;
  }

  private WireCodec codecOf(WireMessage message) {
    for (WireCodec codec : codecs) {
      if (codec.handles(message)) {
        return codec;
      }
    }
    throw new IllegalArgumentException("no codec of the ring handles " + message);
  }

  /**
   * A message that travels through others has come: it is passed on, or is for this peer.
   *
   * @param from the other end of the link that brought it
   * @return what it says, if it is for this peer and is believed
   */
  Optional<Taken> onRelay(long now, PeerRef from, Relay relay) {
    Optional<Taken> taken = Optional.empty();
    if (core.isSelf(relay.via()) && core.phase.hasPlace()) {
      passOn(now, from, relay);
    } else {
      taken = take(now, from, relay);
      if (taken.isEmpty()) {
        refused++;
      }
    }
    return taken;
  }

  /**
   * Only between members, only for who is at the other end of the link, and only so many: nothing
   * while the budget is needed for what this peer has to say itself. The two then look for another
   * way, as if this peer were gone.
   */
  private void passOn(long now, PeerRef from, Relay relay) {
    boolean own = relay.from().equals(from.id()) && relay.fromIncarnation() == from.incarnation();
    boolean allowed = own && core.table.contains(from.id()) && !core.ladder.purse.usedUp(now);
    Optional<PeerRef> to = member(relay.to(), relay.toIncarnation());
    if (allowed && to.isPresent() && errands.take(from.id(), now, weight(relay))) {
      passedOn++;
      core.effects.send(to.get(), relay);
    } else {
      refused++;
    }
  }

  private static int weight(Relay relay) {
    return 1 + relay.body().length / BYTES_OF_ONE;
  }

  private Optional<PeerRef> member(PeerId id, long incarnation) {
    return core.table
        .find(id)
        .filter(ref -> ref.incarnation() == incarnation && !core.isSelf(ref.id()));
  }

  private Optional<Taken> take(long now, PeerRef link, Relay relay) {
    boolean forThisProcess =
        core.isSelf(relay.to())
            && relay.toIncarnation() == core.self.incarnation()
            && relay.via().equals(link.id())
            && core.phase.hasPlace();
    Optional<PeerRef> writer = member(relay.from(), relay.fromIncarnation());
    if (!forThisProcess || writer.isEmpty() || !isNew(now, relay)) {
      return Optional.empty();
    }
    if (!intake.take(link.id(), now, weight(relay))
        || !seals.fits(relay.from(), relay.statement(), relay.seal())) {
      return Optional.empty();
    }
    Optional<WireMessage> message = read(relay);
    if (message.isEmpty()) {
      return Optional.empty();
    }
    PeerRef from = writer.get();
    Detour detour = detourTo(from, link);
    detour.taken = relay.number();
    detour.echo = relay.number();
    if (relay.echo() != 0) {
      detour.unheardSince = NEVER;
    } else if (now - detour.unheardSince >= UNHEARD_AGAIN) {
      detour.unheardSince = now;
    }
    if (now - detour.straightAt > lasting()) {
      // What was on its way when the straight one opened again does not close it.
      goAround(now, detour, link);
    }
    core.detector.heardOf(now, from);
    return Optional.of(new Taken(from, message.get()));
  }

  /** Whether it was written after all that was taken before, and not long ago. */
  private boolean isNew(long now, Relay relay) {
    Detour known = detours.get(relay.from());
    if (known != null
        && known.to.incarnation() == relay.fromIncarnation()
        && (relay.number() <= known.taken || (relay.echo() == 0 && isHoarded(now, known)))) {
      return false;
    }
    return relay.echo() == 0
        || (relay.echo() <= now && relay.echo() >= now - 2 * core.config.suspicion());
  }

  /** Whether its writer would have heard something from here by now, if it wrote just now. */
  private boolean isHoarded(long now, Detour detour) {
    long passed = now - detour.unheardSince;
    return passed >= 2 * core.config.suspicion() && passed < UNHEARD_AGAIN;
  }

  private Optional<WireMessage> read(Relay relay) {
    for (WireCodec codec : codecs) {
      if (relay.type() >= codec.firstType() && relay.type() <= codec.lastType()) {
        try {
          return Optional.of(codec.decode(relay.type(), new WireReader(relay.body())))
              .filter(Detours::isCarried);
        } catch (WireException garbled) {
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
  }
}
