// What a host of a routing scenario may serve: its keys by the pointers of its view, and since
// when.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.overlay.machine.Holding;
import dev.p2pkit.overlay.machine.Holding.Part;
import dev.p2pkit.overlay.machine.Holding.Tenure;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.OwnershipMode;
import java.util.ArrayList;
import java.util.List;

/** Parts of an arc that ends at one place; each part was added when a neighbour before it went. */
final class HandmadeHolding {
  final Holding holding = new Holding();
  private final Key here;
  private final List<Part> parts = new ArrayList<>();
  private long epoch;

  HandmadeHolding(Key here) {
    this.here = here;
  }

  /** Serves nothing any more. */
  void lose() {
    parts.clear();
    publish(here, Tenure.NONE);
  }

  /** Serves from this key on, since now where it did not before. */
  void see(Key after, long now) {
    List<Part> kept = new ArrayList<>();
    boolean whole = after.equals(here);
    Key reach = after.distanceTo(here);
    Key covered = here;
    boolean all = false;
    for (Part part : parts) {
      boolean partWhole = part.after().equals(part.upTo());
      if (!whole && (partWhole || part.after().distanceTo(here).compareTo(reach) >= 0)) {
        if (!part.upTo().equals(after)) {
          kept.add(new Part(after, part.upTo(), part.since()));
        }
        all = true;
        break;
      }
      kept.add(part);
      covered = part.after();
      all = partWhole;
    }
    if (!all) {
      kept.add(new Part(after, covered, now));
    }
    parts.clear();
    parts.addAll(kept);
    publish(after, null);
  }

  /** Since when all keys from here to there are held. */
  long since(Key after, Key upTo) {
    Key near = upTo.distanceTo(here);
    Key far = after.distanceTo(here);
    long since = Long.MIN_VALUE / 2;
    for (Part part : parts) {
      boolean whole = part.after().equals(part.upTo());
      boolean reached = whole || part.after().distanceTo(here).compareTo(near) > 0;
      if (reached && part.upTo().distanceTo(here).compareTo(far) < 0) {
        since = Math.max(since, part.since());
      }
    }
    return since;
  }

  /** Where what is held begins. */
  Key after() {
    return parts.get(parts.size() - 1).after();
  }

  boolean isEmpty() {
    return parts.isEmpty();
  }

  /** The memory of a part came with it from one that had it since then. */
  void inherit(Key after, Key upTo, long since) {
    parts.replaceAll(
        part ->
            part.after().equals(after) && part.upTo().equals(upTo)
                ? new Part(after, upTo, Math.min(part.since(), since))
                : part);
    publish(parts.isEmpty() ? here : parts.get(parts.size() - 1).after(), null);
  }

  private void publish(Key after, Tenure none) {
    Tenure tenure = none != null ? none : new Tenure(after, here, ++epoch, Long.MAX_VALUE, parts);
    holding.set(OwnershipMode.STRICT, tenure);
    holding.set(OwnershipMode.AVAILABLE, tenure);
  }
}
