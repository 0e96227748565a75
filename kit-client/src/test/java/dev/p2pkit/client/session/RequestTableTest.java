// Each request ends exactly once, and the table empties.
package dev.p2pkit.client.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.client.session.RequestTable.Effect;
import dev.p2pkit.sdk.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RequestTableTest {
  private final List<Outcome> outcomes = new ArrayList<>();

  private ErrorCode code(int index) {
    return ((Outcome.Failed) outcomes.get(index)).code();
  }

  private static void answer(RequestTable table, long id, boolean last, SessionResult part) {
    assertThat(table.answer(id, last, part, 0)).isTrue();
  }

  @Test
  void anAnswerEndsItsRequestAndALaterOneIsCounted() {
    RequestTable table = new RequestTable(8);
    long id = table.open(100, Effect.CHANGES, outcomes::add).orElseThrow();
    assertThat(id).isNotZero();
    answer(table, id, true, new SessionResult.Nothing());
    answer(table, id, true, new SessionResult.Nothing());
    assertThat(table.fail(id, ErrorCode.BUSY, "late")).isFalse();
    assertThat(outcomes)
        .containsExactly(new Outcome.Answered(List.of(new SessionResult.Nothing())));
    assertThat(table.strays()).isEqualTo(2);
    assertThat(table.size()).isZero();
  }

  @Test
  void partsAreHandedOverTogether() {
    RequestTable table = new RequestTable(8);
    long id = table.open(100, Effect.ASKS, outcomes::add).orElseThrow();
    answer(table, id, false, new SessionResult.Peers(List.of()));
    assertThat(outcomes).isEmpty();
    answer(table, id, true, new SessionResult.Nothing());
    assertThat(((Outcome.Answered) outcomes.get(0)).parts()).hasSize(2);
  }

  @Test
  void aDeadlineSaysWhetherSomethingMayHaveHappened() {
    RequestTable table = new RequestTable(8);
    table.open(200, Effect.CHANGES, outcomes::add);
    table.open(100, Effect.ASKS, outcomes::add);
    table.expire(99);
    assertThat(outcomes).isEmpty();
    table.expire(100);
    assertThat(code(0)).isEqualTo(ErrorCode.TIMEOUT);
    table.expire(200);
    assertThat(code(1)).isEqualTo(ErrorCode.DELIVERY_UNKNOWN);
    assertThat(table.size()).isZero();
  }

  @Test
  void closingEndsEverything() {
    RequestTable table = new RequestTable(8);
    table.open(100, Effect.CHANGES, outcomes::add);
    table.open(100, Effect.ASKS, outcomes::add);
    table.close("the link broke");
    table.close("again");
    assertThat(code(0)).isEqualTo(ErrorCode.DELIVERY_UNKNOWN);
    assertThat(code(1)).isEqualTo(ErrorCode.CLOSED);
    assertThat(outcomes).hasSize(2);
  }

  @Test
  void aFullTableTakesNoMoreUntilOneEnds() {
    RequestTable table = new RequestTable(2);
    long first = table.open(100, Effect.ASKS, outcomes::add).orElseThrow();
    table.open(100, Effect.ASKS, outcomes::add);
    assertThat(table.open(100, Effect.ASKS, outcomes::add)).isEmpty();
    answer(table, first, true, new SessionResult.Nothing());
    assertThat(table.open(100, Effect.ASKS, outcomes::add)).isPresent();
  }

  @Test
  void withWhateverHappensEachRequestEndsOnce() {
    Random random = new Random(7);
    for (int round = 0; round < 200; round++) {
      RequestTable table = new RequestTable(64);
      List<Integer> ends = new ArrayList<>();
      List<Long> ids = new ArrayList<>();
      long now = 0;
      for (int step = 0; step < 100; step++) {
        now += random.nextInt(10);
        switch (random.nextInt(4)) {
          case 0, 1 -> {
            int index = ends.size();
            table
                .open(
                    now + random.nextInt(50),
                    random.nextBoolean() ? Effect.ASKS : Effect.CHANGES,
                    outcome -> ends.set(index, ends.get(index) + 1))
                .ifPresent(
                    id -> {
                      ids.add(id);
                      ends.add(0);
                    });
          }
          case 2 -> {
            if (!ids.isEmpty()) {
              answer(table, ids.get(random.nextInt(ids.size())), true, new SessionResult.Nothing());
            }
          }
          default -> table.expire(now);
        }
      }
      table.close("end");
      assertThat(ends).allMatch(count -> count == 1);
      assertThat(table.size()).isZero();
    }
  }
}
