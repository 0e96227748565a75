// Delivers the broadcasts of each origin once and in order.
package dev.p2pkit.overlay.broadcast;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.PeerId;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Delivers the broadcasts of each origin once and in the order of their numbers. One that comes
 * before its predecessor waits for it, and the predecessor is asked for; after a while it is
 * skipped, and the listener is told that something was missed. The same holds for what an earlier
 * process of the origin has sent, if the next one names it; if that did not know of it and it comes
 * later, it is missed too, and told.
 */
final class Streams {
  /** More origins than this are not told apart; the one unused longest is forgotten. */
  private static final int MOST_ORIGINS = 16_384;

  /** The tree may still bring it by itself. */
  private static final long FIRST_CHASE = 250_000;

  private static final long NEXT_CHASE = 500_000;

  /** What comes of contents. */
  interface Sink {
    /** A payload is whole and its turn has come; returns why it was not taken. */
    Optional<ErrorCode> deliver(PeerRef origin, int topic, byte[] payload);

    /** It is decided what becomes of a content here. */
    void settled(long now, Content content, @Nullable ErrorCode refusal);

    /**
     * These are missing, asked for the so-manieth time. Who has brought a later one of the same
     * origin last may have had them, or knows whom it got that one from.
     */
    void missing(long now, List<BroadcastId> ids, PeerRef bringer, int time);

    /** So many of this origin will not be delivered here any more. */
    void missed(PeerId origin, long count);
  }

  private final BroadcastConfig config;
  private final Agenda agenda;
  private final Sink sink;
  private final Map<PeerId, Stream> streams = new LinkedHashMap<>(16, 0.75f, true);
  private boolean suspended;
  private long heldBytes;

  /** Before this time a gap is no surprise: this peer was not there yet. */
  private long surprisedFrom;

  Streams(BroadcastConfig config, Agenda agenda, Sink sink) {
    this.config = config;
    this.agenda = agenda;
    this.sink = sink;
  }

  boolean hasSeen(BroadcastId id) {
    Stream stream = streams.get(id.origin());
    return stream != null && stream.hasSeen(id.sequence());
  }

  /** Whether it is here and waits for its turn. */
  boolean isWaiting(BroadcastId id) {
    Stream stream = streams.get(id.origin());
    return stream != null && stream.waiting.containsKey(id.sequence());
  }

  boolean hasRoom(int bytes) {
    return heldBytes + bytes <= config.heldBytes();
  }

  /** Nothing is delivered until {@link #resume}: it is not known yet what came before. */
  void suspend() {
    suspended = true;
  }

  /** Delivers what has its turn. */
  void resume(long now) {
    suspended = false;
    surprisedFrom = now + config.gap() / 2;
    for (Map.Entry<PeerId, Stream> entry : List.copyOf(streams.entrySet())) {
      advance(now, entry.getKey(), entry.getValue());
    }
  }

  /** Whether an origin has not sent too many lately. */
  boolean allows(long now, Content content) {
    return stream(now, content).allowance.take(now, 1);
  }

  private Stream stream(long now, Content content) {
    Stream stream = streams.get(content.id.origin());
    if (stream == null) {
      // What it began before, and this peer has missed, may still be had from others.
      stream = new Stream(content.lowest - 1, allowance(now));
      stream.passOver(0, content.lowest - 1);
      streams.put(content.id.origin(), stream);
      forgetOldest(now);
    }
    stream.usedAt = now;
    return stream;
  }

  /** Takes a content that was not seen before, and that a peer has brought. */
  void accept(long now, PeerRef from, Content content) {
    PeerId origin = content.id.origin();
    Stream stream = stream(now, content);
    if (stream.isPassedOver(content.id.sequence())) {
      stream.late(content.id.sequence());
      missed(now, origin, 1);
      sink.settled(now, content, ErrorCode.TIMEOUT);
    } else if (!stream.hasSeen(content.id.sequence())) {
      stream.waiting.put(content.id.sequence(), content);
      stream.bringer = from;
      heldBytes += content.payload.length;
      advance(now, origin, stream);
    }
  }

  private Allowance allowance(long now) {
    return new Allowance(now, 2L * config.perSecond());
  }

  /** This one, and all before it, are from before this peer's time. */
  void beforeMyTime(long now, BroadcastId id) {
    Stream stream = streams.get(id.origin());
    if (stream == null) {
      stream = new Stream(id.sequence(), allowance(now));
      stream.usedAt = now;
      streams.put(id.origin(), stream);
      forgetOldest(now);
    } else if (stream.isPassedOver(id.sequence())) {
      stream.late(id.sequence());
    } else {
      while (!stream.waiting.isEmpty() && stream.waiting.firstKey() <= id.sequence()) {
        takeFirst(now, id.origin(), stream);
      }
      stream.settled = Math.max(stream.settled, id.sequence());
      advance(now, id.origin(), stream);
    }
  }

  private void advance(long now, PeerId origin, Stream stream) {
    if (suspended) {
      return;
    }
    boolean moved = false;
    while (!stream.waiting.isEmpty() && Gap.before(stream).isEmpty()) {
      takeFirst(now, origin, stream);
      moved = true;
    }
    if (stream.waiting.isEmpty()) {
      Agenda.cancel(stream.chase);
      stream.chase = null;
    } else if (moved || stream.chase == null) {
      Agenda.cancel(stream.chase);
      stream.waited = 0;
      stream.waitedUpTo = now;
      stream.asked = 0;
      stream.chase = agenda.at(now + FIRST_CHASE, at -> chase(at, origin, stream));
    }
  }

  private void takeFirst(long now, PeerId origin, Stream stream) {
    Content content = stream.waiting.pollFirstEntry().getValue();
    heldBytes -= content.payload.length;
    stream.settle(content);
    sink.settled(now, content, take(origin, stream, content).orElse(null));
  }

  private Optional<ErrorCode> take(PeerId origin, Stream stream, Content content) {
    Assembly assembly = stream.assembly;
    if (!content.isPart()) {
      giveUpParts(origin, stream);
      return sink.deliver(content.origin, content.topic, content.payload);
    }
    if (content.part == 0) {
      giveUpParts(origin, stream);
      stream.assembly = Assembly.of(content);
      return Optional.empty();
    }
    if (assembly == null || !assembly.add(content)) {
      giveUpParts(origin, stream);
      return Optional.of(ErrorCode.TIMEOUT);
    }
    if (!assembly.isWhole()) {
      return Optional.empty();
    }
    stream.assembly = null;
    return sink.deliver(content.origin, content.topic, assembly.payload());
  }

  /** The rest of a payload will not come. */
  private void giveUpParts(PeerId origin, Stream stream) {
    if (stream.assembly != null) {
      stream.assembly = null;
      sink.missed(origin, 1);
    }
  }

  private void chase(long now, PeerId origin, Stream stream) {
    stream.chase = null;
    if (stream.waiting.isEmpty()) {
      return;
    }
    // A process that was stopped has asked nobody meanwhile: that time does not count.
    stream.waited += Math.min(now - stream.waitedUpTo, NEXT_CHASE);
    stream.waitedUpTo = now;
    Gap gap = Gap.before(stream);
    if (stream.waited >= config.gap()) {
      missed(now, origin, gap.count());
      takeFirst(now, origin, stream);
      advance(now, origin, stream);
      return;
    }
    PeerRef bringer = stream.bringer;
    if (!gap.isEmpty() && bringer != null) {
      List<BroadcastId> first = gap.first(origin, BroadcastConfig.MAX_PULLED);
      sink.missing(now, first, bringer, stream.asked++);
    }
    stream.chase = agenda.at(now + NEXT_CHASE, at -> chase(at, origin, stream));
  }

  private void missed(long now, PeerId origin, long count) {
    if (now > surprisedFrom + config.gap()) {
      sink.missed(origin, count);
    }
  }

  private void forgetOldest(long now) {
    Iterator<Stream> oldest = streams.values().iterator();
    Stream stream = oldest.next();
    boolean unused = stream.usedAt < now - config.longest() - config.retention();
    if ((unused || streams.size() > MOST_ORIGINS) && stream.waiting.isEmpty()) {
      oldest.remove();
    }
  }
}
