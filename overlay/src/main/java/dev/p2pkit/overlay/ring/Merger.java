// Finds rings that were cut apart and sees to it that they unite.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.ring.MemberNews.Kind;
import dev.p2pkit.overlay.ring.MergeMessage.Foreign;
import dev.p2pkit.overlay.ring.MergeMessage.Hail;
import dev.p2pkit.overlay.ring.MergeMessage.HailAnswer;
import dev.p2pkit.overlay.ring.MergeMessage.TablePart;
import dev.p2pkit.overlay.ring.MergeMessage.TablePull;
import dev.p2pkit.sdk.PeerId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Asks remembered peers that are no members whether they belong to another ring, for ever. Where
 * one does and the peers of both rings know everybody in theirs, the {@link Speaker}s unite them;
 * where somebody knows only an arc, each peer finds its neighbours in the other ring by a {@link
 * Weaver}. Pointers and ownership follow by the rules that hold for any newcomer.
 *
 * <p>Only answers to questions count, and what others say about third peers is a hint: it costs a
 * question to that peer, and whose hints lead nowhere is listened to ever more seldom.
 */
final class Merger {
  /** Hints that brought nothing, after which the next peer of the ring is asked to speak. */
  private static final int PATIENCE = 3;

  /** For how long an answer is waited for; a dial may be part of it. */
  private static final long OPEN = 10_000_000;

  private static final int MOST_OPEN = 128;

  /** So long news of a newcomer may take. */
  private static final long ON_ITS_WAY = 8_000_000;

  /** For how long it is remembered who was unknown. */
  private static final long STRANGE = 60_000_000;

  private static final int MOST_STRANGERS = 256;

  /**
   * In larger rings each peer finds its own neighbours: what the speakers would have to tell
   * everybody takes longer the more there are, while the way through a ring does not.
   */
  private static final int MOST_SPOKEN_FOR = 128;

  private final RingCore core;
  private final Remembered remembered;
  private final Speaker speaker;
  private final Weaver weaver;
  private final Hearsay hearsay = new Hearsay();

  /** Who was asked and has not answered, and when. */
  private final Map<PeerId, Long> open = new LinkedHashMap<>();

  /** Who has asked while it was not known here, and since when. */
  private final Map<PeerId, Long> strangers = new TreeMap<>();

  private long nextProbe;
  private int hints;

  Merger(RingCore core) {
    this.core = core;
    remembered = core.remembered;
    speaker = new Speaker(core, this);
    weaver = new Weaver(core, this);
  }

  /** At every heartbeat. */
  void tick(long now) {
    if (core.phase == Phase.MEMBER && countsOnNobody(now)) {
      remembered.absent(core.table, core.self.id()).forEach(ref -> hail(now, ref));
    } else if (core.phase == Phase.MEMBER && now >= nextProbe) {
      probe(now);
    }
  }

  /**
   * Whether this peer is about to take everything, since nobody says anything: the other half of a
   * small ring may have gone on without it, and now is the last moment to find out.
   */
  private boolean countsOnNobody(long now) {
    return core.inFullMesh()
        && !core.ownership.isHeld(now)
        && !core.ownership.hearsStrangers(now)
        && core.table.peers().asList().stream()
            .noneMatch(ref -> core.detector.hears(ref.id(), now));
  }

  private void probe(long now) {
    long pause = core.config.merge().probe();
    nextProbe = now + core.between(pause * 3 / 4, pause * 5 / 4);
    for (int i = remembered.atOnce(core.ladder.peers()); i > 0; i--) {
      remembered.due(now, core.table, core.self.id()).ifPresent(ref -> hail(now, ref));
    }
  }

  /**
   * This process did not run for a while: others may have gone on without it, and it may be about
   * to go on without them.
   */
  void overslept(long now) {
    remembered.askAgain(now);
    nextProbe = now;
  }

  /** Asks a peer whether it belongs to this ring. */
  void hail(long now, PeerRef ref) {
    if (core.isSelf(ref.id())) {
      return;
    }
    open.values().removeIf(at -> at < now - OPEN);
    open.remove(ref.id());
    open.put(ref.id(), now);
    if (open.size() > MOST_OPEN) {
      open.remove(open.keySet().iterator().next());
    }
    send(ref);
  }

  private void send(PeerRef ref) {
    // Its process may have been started anew since: whoever has this identity is meant.
    PeerRef any = new PeerRef(ref.id(), ref.endpoint(), 0);
    core.effects.send(any, new Hail(lowest(), whole()));
  }

  private PeerRef lowest() {
    return core.table.get(0);
  }

  /**
   * Whether one peer can speak for this ring: all in it know everybody, and they are so few that
   * the news of a union reach them within a moment.
   */
  boolean whole() {
    return core.table.coverage().complete() && core.table.size() <= MOST_SPOKEN_FOR;
  }

  void onLink(long now, PeerId id, LinkEvent event) {
    // The first question may have been lost with a dial to an earlier process.
    if (event == LinkEvent.UP && core.phase == Phase.MEMBER && open.containsKey(id)) {
      remembered.find(id).ifPresent(this::send);
    }
  }

  void onHail(long now, PeerRef from, Hail hail) {
    if (core.phase != Phase.MEMBER) {
      return;
    }
    boolean known = core.table.contains(from.id());
    boolean speakers = whole() && hail.whole();
    // Where each finds its own neighbours, it is of no use to whoever asks that it is known here.
    PeerRef at = known && speakers ? from : core.known.after(from.id().position());
    core.effects.send(from, new HailAnswer(lowest(), at, whole()));
    if (known || (!isBuried(from) && mayBeNew(now, from, hail))) {
      return;
    }
    if (speakers) {
      foreign(now, hail.speaker(), from);
    } else {
      weaver.met(now, from, hail.whole());
    }
  }

  /**
   * Whether somebody unknown may belong to this ring all the same: the one that speaks for its ring
   * is a member of this one, and news of itself may still be on their way.
   */
  private boolean mayBeNew(long now, PeerRef from, Hail hail) {
    strangers.values().removeIf(since -> now - since > STRANGE);
    if (!core.table.contains(hail.speaker().id())) {
      return false;
    }
    Long since = strangers.get(from.id());
    if (since == null && strangers.size() < MOST_STRANGERS) {
      strangers.put(from.id(), now);
      return true;
    }
    return since != null && now - since < ON_ITS_WAY;
  }

  void onHailAnswer(long now, PeerRef from, HailAnswer answer) {
    if (open.remove(from.id()) == null || core.phase != Phase.MEMBER) {
      return;
    }
    if (speaker.proved(now, from.id()) || core.table.contains(from.id())) {
      return;
    }
    remembered.lives(now, from);
    boolean counted = core.isSelf(answer.at().id());
    if (!whole() || !answer.whole()) {
      weaver.onAnswer(now, from, answer);
    } else if (!counted) {
      foreign(now, answer.speaker(), from);
    } else if (hints++ >= PATIENCE) {
      // It counts this peer in, and this one does not count it: a repair that got lost.
      hints = 0;
      foreign(now, from, from);
    }
  }

  /**
   * There is another ring: the one that speaks for this ring should know. Either speaker may be
   * dead without its ring knowing yet, and if all whom both rings know are dead, they even name the
   * same one. So every other hint names the stranger itself, which is alive, and those who are
   * silent here are not told.
   */
  private void foreign(long now, PeerRef theirSpeaker, PeerRef stranger) {
    boolean known = core.table.contains(theirSpeaker.id());
    PeerRef theirs = known || hints % 2 == 1 ? stranger : theirSpeaker;
    // Whoever should speak may be dead or busy: after some hints in vain the next one is told.
    PeerRef ours = speaker(Math.min(hints / PATIENCE, core.table.size() - 1));
    if (!hearsay.mayTell(now, stranger.id())) {
      return;
    }
    hints++;
    if (core.isSelf(ours.id())) {
      speaker.begin(now, theirs, stranger.id());
    } else {
      core.effects.send(ours, new Foreign(theirs, true));
    }
  }

  /** The peer with the lowest id but so many; this one rather than one that is silent. */
  private PeerRef speaker(int place) {
    int at = place;
    while (core.detector.suspects(core.table.get(at).id()) && at < core.table.size() - 1) {
      at++;
    }
    PeerRef found = core.table.get(at);
    return core.detector.suspects(found.id()) ? core.self : found;
  }

  void onForeign(long now, PeerRef from, Foreign message) {
    PeerRef stranger = message.peer();
    if (core.phase != Phase.MEMBER
        || core.table.contains(stranger.id())
        || !hearsay.believes(now, from.id())) {
      return;
    }
    if (!whole() || !message.whole()) {
      if (hearsay.mayTell(now, from.id())) {
        weaver.told(now, stranger);
      }
    } else if (core.table.contains(from.id())) {
      speaker.begin(now, stranger, from.id());
    }
  }

  /**
   * A neighbour counts somebody among its own whose death was told here: true if the death is taken
   * back. Unless the rings are uniting already, the one concerned is asked.
   */
  boolean takesBack(long now, PeerRef ref) {
    if (!isBuried(ref)) {
      return false;
    }
    if (weaver.uniting(now)) {
      core.learn(now, weaver.agreed(MemberNews.alive(ref, 0)));
    }
    counted(now, ref);
    return core.table.contains(ref.id());
  }

  /**
   * A neighbour counts somebody in whose death was told here: whoever it is is asked, as that
   * proves more than either word does.
   */
  void counted(long now, PeerRef ref) {
    if (isBuried(ref) && open.getOrDefault(ref.id(), Long.MIN_VALUE) < now - OPEN) {
      weaver.told(now, ref);
    }
  }

  private boolean isBuried(PeerRef ref) {
    return core.table.known(ref.id()).filter(known -> known.kind() == Kind.FAILED).isPresent();
  }

  /** Whether peers of another ring were found of late, by others than those who speak for it. */
  boolean uniting(long now) {
    return weaver.uniting(now);
  }

  /** Whether rings have united within the last minute; what they have to tell may go on. */
  boolean unitedLately(long now) {
    return weaver.unitedLately(now);
  }

  /** What to take for true of what another table says: while rings unite, graves are reopened. */
  MemberNews agreed(long now, MemberNews said) {
    return weaver.uniting(now) ? weaver.agreed(said) : said;
  }

  /** Whether a member's death that is told here was only made by the cut. */
  boolean disbelieves(long now, MemberNews death) {
    return weaver.uniting(now)
        && core.table
            .known(death.id())
            .filter(known -> TableUnion.isOfTheCut(death, known))
            .isPresent();
  }

  /** The death of a member, found here, as it is told. */
  MemberNews death(long now, MemberNews known) {
    return weaver.unitedLately(now)
        ? TableUnion.deathSince(known)
        : new MemberNews(Kind.FAILED, known.ref(), known.refutation());
  }

  /** Whether what a member says that a union changes may be believed. */
  boolean speaks(PeerId origin) {
    return speaker.speaks(origin);
  }

  /** A hint of this peer has brought something, or not. */
  void judge(long now, PeerId teller, boolean right) {
    hearsay.judge(now, teller, right);
    if (right) {
      hints = 0;
    }
  }

  void onPull(long now, PeerRef from, TablePull pull) {
    speaker.onPull(now, from, pull);
  }

  void onPart(long now, PeerRef from, TablePart message) {
    speaker.onPart(now, from, message);
  }

  void onTimer(long now) {
    speaker.onTimer(now);
  }

  /** This peer has no place any more. */
  void clear() {
    speaker.clear();
    weaver.clear();
    core.unions.clear();
    hearsay.clear();
    open.clear();
    strangers.clear();
    hints = 0;
  }

  /** Whom to write down for the next life of this peer. */
  List<PeerRef> toKeep() {
    return remembered.toKeep(core.table, core.self.id());
  }
}
