// Who gets the next place for a handshake, and when.
package dev.p2pkit.overlay.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class GateTest {
  private final Gate gate = new Gate(1_000);
  private final List<String> begun = new ArrayList<>();
  private final List<String> displaced = new ArrayList<>();

  private Gate.Place place(String source, String name) {
    return gate.place(source, 2, 4, () -> begun.add(name), () -> displaced.add(name));
  }

  @Test
  void sourcesTakeTurnsHoweverManyOneOfThemWants() {
    Gate.Place first = place("a", "a1");
    Gate.Place second = place("a", "a2");
    assertThat(first.enter(0)).isTrue();
    assertThat(second.enter(0)).isTrue();
    assertThat(place("a", "a3").enter(0)).isTrue();
    assertThat(place("a", "a4").enter(0)).isTrue();
    // Half of what may wait is for others.
    assertThat(place("a", "a5").enter(0)).isFalse();
    assertThat(place("b", "b1").enter(0)).isTrue();
    assertThat(begun).containsExactly("a1", "a2");
    first.leave(1);
    second.leave(1);
    assertThat(begun).containsExactly("a1", "a2", "a3", "b1");
    assertThat(gate.read()).isEqualTo(new LinkStatistics.Handshakes(2, 2, 1, 3, 1));
  }

  @Test
  void twoThatFillTheQueueDoNotKeepAThirdOut() {
    for (String name : List.of("a1", "b1", "a2", "b2", "a3", "b3")) {
      assertThat(place(name.substring(0, 1), name).enter(0)).isTrue();
    }
    assertThat(place("a", "a4").enter(0)).isFalse();
    assertThat(place("c", "c1").enter(0)).isTrue();
    assertThat(displaced).containsExactly("a3");
    // Of each of the others no more than one more waits than of this one.
    assertThat(place("d", "d1").enter(0)).isTrue();
    assertThat(displaced).containsExactly("a3", "b3");
    assertThat(place("e", "e1").enter(0)).isFalse();
    assertThat(gate.read()).isEqualTo(new LinkStatistics.Handshakes(2, 2, 4, 6, 4));
    gate.recheck(1_000);
    gate.recheck(2_000);
    assertThat(begun).containsExactlyInAnyOrder("a1", "b1", "a2", "b2", "c1", "d1");
  }

  @Test
  void whoDoesNotFinishHoldsUpNobodyForLong() {
    place("a", "a1").enter(0);
    place("a", "a2").enter(500);
    place("b", "b1").enter(500);
    gate.recheck(999);
    assertThat(begun).containsExactly("a1", "a2");
    gate.recheck(1_000);
    assertThat(begun).containsExactly("a1", "a2", "b1");
  }

  @Test
  void whoseThreadsAreGoneKeepsNobodyElseFromBeginning() {
    RejectedExecutionException gone = new RejectedExecutionException("closed");
    Gate.Place first = place("a", "a1");
    Gate.Place second = place("a", "a2");
    first.enter(0);
    second.enter(0);
    Gate.Place closed =
        gate.place(
            "b",
            2,
            4,
            () -> {
              throw gone;
            },
            () -> {});
    closed.enter(0);
    place("c", "c1").enter(0);
    place("d", "d1").enter(0);
    first.leave(1);
    assertThat(begun).containsExactly("a1", "a2", "c1");
    second.leave(1);
    assertThat(begun).containsExactly("a1", "a2", "c1", "d1");
    assertThat(gate.read().running()).isEqualTo(2);
  }

  @Test
  void whoCannotBeginAtOnceHearsWhyAndTakesNoPlace() {
    RejectedExecutionException gone = new RejectedExecutionException("closed");
    Gate.Place closed =
        gate.place(
            "b",
            2,
            4,
            () -> {
              throw gone;
            },
            () -> {});
    assertThatThrownBy(() -> closed.enter(0)).isSameAs(gone);
    assertThat(gate.read().running()).isZero();
  }

  @Test
  void whoHasGivenUpWaitingTakesNoPlace() {
    Gate.Place first = place("a", "a1");
    first.enter(0);
    place("a", "a2").enter(0);
    Gate.Place givenUp = place("b", "b1");
    givenUp.enter(0);
    place("c", "c1").enter(0);
    givenUp.leave(1);
    first.leave(2);
    first.leave(3);
    assertThat(begun).containsExactly("a1", "a2", "c1");
    assertThat(gate.isWaitedFor()).isFalse();
    assertThat(gate.read().running()).isEqualTo(2);
  }
}
