// What a record asks for beside its edition: an operation, in which waves, and what runs meanwhile.
package dev.p2pkit.client.record;

import java.util.Optional;

/**
 * What becomes of an edition.
 *
 * @param operation run it or withdraw the service
 * @param schedule in which waves it reaches the peers
 * @param base what peers run whose wave is not open yet: the edition that was in force before a
 *     staged roll-out, so that a peer that joins in the middle of it knows; empty if there was none
 */
public record Plan(Operation operation, Schedule schedule, Optional<Edition> base) {
  /** Run it everywhere, at once. */
  public static final Plan AT_ONCE = new Plan(Operation.RUN, Schedule.AT_ONCE, Optional.empty());

  /** Run what ran before, even if that costs the turns since. */
  public static final Plan GO_BACK =
      new Plan(Operation.GO_BACK, Schedule.AT_ONCE, Optional.empty());

  /** The service ends. */
  public static final Plan WITHDRAWN =
      new Plan(Operation.WITHDRAW, Schedule.AT_ONCE, Optional.empty());

  /** Checks that only a staged roll-out has something to run meanwhile. */
  public Plan {
    if (base.isPresent() && !schedule.staged()) {
      throw new IllegalArgumentException(
          "only a roll-out in waves leaves peers at what was before");
    }
    if (operation != Operation.RUN && schedule.staged()) {
      throw new IllegalArgumentException(
          "a service is withdrawn, or goes back at any price, everywhere at once");
    }
  }

  /** A roll-out in waves. */
  public static Plan staged(Schedule schedule, Optional<Edition> base) {
    return new Plan(Operation.RUN, schedule, base);
  }
}
