// A broadcast in which this peer has something to do.
package dev.p2pkit.overlay.broadcast;

import dev.p2pkit.sdk.BroadcastReport.Arc;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A broadcast in which this peer has duties, or had them a moment ago. */
final class Work {
  final Content content;

  /** By interval, the finished ones too: a parent that asks again gets the same answer. */
  final Map<Arc, Duty> duties = new LinkedHashMap<>(2);

  /** How many of them are open. */
  int open;

  /** What the report says of this peer itself; null while that is not decided. */
  @Nullable Tally own;

  /** Grows with each duty that ends, so that a timer knows whether it is still meant. */
  int ended;

  Work(Content content) {
    this.content = content;
  }
}
