// Since when which part of the arc is held.
package dev.p2pkit.overlay.lease;

import dev.p2pkit.overlay.machine.Holding.Part;
import dev.p2pkit.overlay.machine.Holding.Tenure;
import dev.p2pkit.sdk.Key;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Follows what is served, and since when. The parts lie behind each other, the last ends at this
 * peer. No rule of the leases depends on it.
 */
public final class HeldParts {
  private static final Key ALL = new Key(-1, -1);

  private final Key self;
  private List<Part> parts = List.of();
  private @Nullable Part inherited;

  /** What was told last, and of which parts. */
  private Tenure told = Tenure.NONE;

  private List<Part> toldParts = List.of();

  /** Since when that was held which was let go last. */
  private long lastReleased = LeaseState.NEVER;

  /** Of a peer at this position that serves nothing yet. */
  public HeldParts(Key self) {
    this.self = self;
  }

  /** Nothing is served any more. */
  public void clear() {
    parts = List.of();
    inherited = null;
  }

  /** There was no lease for a while: somebody else may have served. */
  void lapsed() {
    parts = List.of();
  }

  /** What is served next within this arc counts as held since then. */
  void inherit(Key after, Key upTo, long since) {
    inherited = new Part(after, upTo, since);
  }

  /** What begins behind this key and ends here is served now. */
  public void serve(long now, Key from) {
    if (parts.isEmpty()) {
      parts = List.of(fresh(from, self, now));
      return;
    }
    Key before = parts.get(0).after();
    if (before.equals(from)) {
      return;
    }
    List<Part> next = new ArrayList<>();
    if (size(from).compareTo(size(before)) > 0) {
      next.add(fresh(from, before, now));
      next.addAll(parts);
    } else {
      long released = LeaseState.NEVER;
      for (Part part : parts) {
        boolean gone = rest(part.upTo()).compareTo(size(from)) >= 0;
        boolean cut = !gone && size(part.after()).compareTo(size(from)) > 0;
        if (gone || cut) {
          released = Math.max(released, part.since());
        }
        if (!gone) {
          next.add(cut ? new Part(from, part.upTo(), part.since()) : part);
        }
      }
      lastReleased = released;
    }
    parts = List.copyOf(next);
  }

  private Part fresh(Key after, Key upTo, long now) {
    Part known = inherited;
    if (known != null && known.after().equals(after) && known.upTo().equals(upTo)) {
      inherited = null;
      return new Part(after, upTo, known.since());
    }
    return new Part(after, upTo, now);
  }

  private Key size(Key after) {
    return after.equals(self) ? ALL : after.distanceTo(self);
  }

  private Key rest(Key upTo) {
    return upTo.distanceTo(self);
  }

  long lastReleased(long now) {
    return lastReleased == LeaseState.NEVER ? now : lastReleased;
  }

  /** Since when all of it is held. */
  long since(long now) {
    return parts.stream().mapToLong(Part::since).max().orElse(now);
  }

  /** As it is to be read by others; the same one as long as nothing changes. */
  @SuppressWarnings("ReferenceEquality") // lists are replaced, not changed
  public Tenure tenure(long epoch, long until) {
    if (parts.isEmpty()) {
      return Tenure.NONE;
    }
    if (told.epoch() != epoch || told.until() != until || toldParts != parts) {
      told = new Tenure(parts.get(0).after(), self, epoch, until, parts);
      toldParts = parts;
    }
    return told;
  }
}
