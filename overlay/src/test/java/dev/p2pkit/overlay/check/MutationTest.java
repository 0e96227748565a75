// The search is sharp enough: when a rule of the leases is missing, it finds what breaks.
package dev.p2pkit.overlay.check;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("long")
class MutationTest {
  private static void isFound(String file, String rule, String instead, String plan) {
    assertThat(Mutant.search(file, rule, instead, plan)).as(rule).isPresent();
  }

  @Test
  void aGrantWithoutALeaseOfOnesOwn() {
    isFound(
        "Lease.java",
        "        if (state.settled(now)) {\n          grant",
        "        if (now >= 0) {\n          grant",
        "joins");
  }

  @Test
  void anArcServedBeforeItsGrantorHasRegisteredIt() {
    isFound(
        "LeaseState.java",
        "return size(lo).compareTo(size(registeredLo)) <= 0 ? lo : registeredLo;",
        "return lo;",
        "ends");
  }

  @Test
  void aLeaseThatRunsFromTheAnswerAndNotFromTheQuestion() {
    isFound("Lease.java", "sent.at() + config.length()", "now + config.length()", "joins");
  }

  @Test
  void aTakeOverBeforeTheLeaseOfTheHolderHasRunOut() {
    isFound("TakeOver.java", "      if (now < before.until() || ", "      if (", "joins");
  }

  @Test
  void aGrantorThatDoesNotAllowForClocksThatDrift() {
    isFound(
        "LeaseConfig.java",
        "    return stretched(length);",
        "    return length;",
        "pauses, clocks");
  }

  @Test
  void whereOnlyACommentChangesNothingIsFound() {
    assertThat(
            Mutant.search(
                "Lease.java", "/** Whether this peer lacks", "/** Whether it lacks", "ends"))
        .isEmpty();
  }
}
