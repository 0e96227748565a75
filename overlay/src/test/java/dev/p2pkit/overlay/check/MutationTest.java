// The search is sharp enough: when a rule of the leases is missing, it finds what breaks.
package dev.p2pkit.overlay.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.check.Mutant.Change;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("long")
class MutationTest {
  private static void isFound(String file, String rule, String instead, String plan) {
    areFound(plan, new Change(file, rule, instead));
  }

  private static void areFound(String plan, Change... changes) {
    assertThat(Mutant.search(plan, "lease", changes)).as(plan).isPresent();
  }

  @Test
  void aGrantWithoutALeaseOfOnesOwn() {
    isFound(
        "Granting.java",
        "        if (state.settled(now)) {\n          grant",
        "        if (now >= 0) {\n          grant",
        "two of three sleep");
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
    isFound("Renewing.java", "sent.at() + config.length()", "now + config.length()", "joins");
  }

  @Test
  void aGrantToOneThatIsNotAdjacent() {
    areFound(
        "doubts",
        new Change(
            "Granting.java",
            "    if (before != null && before.holder().equals(id)) {\n      state.before = before.heard",
            "    if (before != null && (before.holder().equals(id) || !state.inside(id))) {\n"
                + "      state.before = before.heard"),
        new Change(
            "Granting.java",
            "        && before.holder().equals(from)\n        && state.handOver == null",
            "        && state.handOver == null"));
  }

  @Test
  void anOlderRenewalThatOvertakesANewerOne() {
    isFound(
        "Granting.java", "        && renewal.sentAt() > before.sentAt()\n", "", "joins, overtakes");
  }

  @Test
  void aDeadHoldersGrantsForgotten() {
    areFound(
        "ends, doubts",
        new Change(
            "TakeOver.java", "        before.until() + lease.config.guarded(),", "        now,"),
        new Change(
            "TakeOver.java",
            "  private long patience(Gap gap) {\n    long guarded = lease.config.guarded();",
            "  private long patience(Gap gap) {\n    long guarded = 0;"));
  }

  @Test
  void whatWasHandedOverTakenBack() {
    isFound(
        "Admitting.java",
        "    if (!present.sent()) {\n      restore",
        "    if (now > 0) {\n      restore",
        "joins, doubts");
  }

  @Test
  void aGrantToOneThatIsBeingAdmitted() {
    isFound(
        "Granting.java",
        """
                && state.handOver == null
                && renewal.registered() >= Math.max(1, before.required())
        """,
        "        && renewal.registered() >= 1\n",
        "joins");
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
  void aNewcomerToldOfItsArcByOneThatWokeWithoutALease() {
    // That another process of the newcomer begins anew would cover it.
    areFound(
        "sleeps before the newcomer has heard",
        new Change(
            "Admitting.java",
            "        || before == null\n        || !state.valid(now)\n",
            "        || before == null\n"),
        new Change(
            "Admitting.java",
            "    if (from.incarnation() > before.incarnation()) {",
            "    if (now < 0) {"));
  }

  @Test
  void evidenceOfADeathKeptForTheNextProcess() {
    isFound(
        "Lease.java",
        "        && before.incarnation() == process.incarnation()",
        "",
        "ends, restarts, doubled, overtakes");
  }

  @Test
  void anArcGivenUpByOneThatSeesNobodyElse() {
    isFound(
        "Lease.java",
        "    admitting.look(now);\n    if (state.epoch > 0) {",
        """
            if (!state.valid(now) && around.successor().equals(state.self)) {
              clear();
            }
            admitting.look(now);
            if (state.epoch > 0) {
        """,
        "one of two ends");
  }

  @ParameterizedTest
  @MethodSource("plans")
  void withAllRulesNothingIsFound(String plan) {
    assertThat(MutationPlans.run(plan)).isEmpty();
  }

  static List<String> plans() {
    return MutationPlans.names();
  }

  @Test
  void whereOnlyACommentChangesNothingIsFound() {
    assertThat(
            Mutant.search(
                "ends",
                "lease",
                new Change("Renewing.java", "/** Whether this peer lacks", "/** Whether it lacks")))
        .isEmpty();
  }
}
