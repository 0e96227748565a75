// What is true of a peer where two tables differ while their rings unite.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.ring.MemberNews.Kind;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TableUnionTest {
  private static MemberNews news(Kind kind, long incarnation, long refutation) {
    PeerRef ref = new PeerRef(new PeerId(Key.of(77)), new Endpoint("host", 7400), incarnation);
    return new MemberNews(kind, ref, refutation);
  }

  /** What a table knows that knew the one and is told the other. */
  private static MemberNews told(MemberNews known, MemberNews theirs) {
    MemberTable table =
        new MemberTable(new PeerRef(new PeerId(Key.of(1)), new Endpoint("host", 1), 1));
    table.apply(0, known);
    table.apply(1, TableUnion.agreed(theirs, known));
    return table.known(known.id()).orElseThrow();
  }

  private static void bothEndWith(MemberNews one, MemberNews other, MemberNews expected) {
    assertThat(told(one, other)).isEqualTo(expected);
    assertThat(told(other, one)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"0, 0, 1", "0, 1, 2", "0, 3, 4", "2, 2, 3", "3, 1, 3"})
  void aDeathThatOnlyTheCutHasMadeIsTakenBackInBothTables(int alive, int dead, int number) {
    bothEndWith(
        news(Kind.ALIVE, 5, alive), news(Kind.FAILED, 5, dead), news(Kind.ALIVE, 5, number));
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "0, 1", "1, 0", "4, 4", "4, 7"})
  void aDeathThatWasFoundSinceStandsInBothTables(int knownToTheFinder, int knownToTheOther) {
    MemberNews death = TableUnion.deathSince(news(Kind.ALIVE, 5, knownToTheFinder));
    bothEndWith(news(Kind.ALIVE, 5, knownToTheOther), death, death);
  }

  @Test
  void whoHasLeftStaysGone() {
    MemberNews left = news(Kind.LEFT, 5, 0);
    bothEndWith(news(Kind.ALIVE, 5, 0), left, left);
  }

  @Test
  void theDeathOfALaterProcessStands() {
    MemberNews dead = news(Kind.FAILED, 6, 0);
    bothEndWith(news(Kind.ALIVE, 5, 3), dead, dead);
  }

  @Test
  void aLaterProcessLivesWhateverIsSaidOfTheOneBefore() {
    MemberNews alive = news(Kind.ALIVE, 6, 0);
    bothEndWith(news(Kind.FAILED, 5, 3), alive, alive);
  }

  @Test
  void whereBothSayTheSameTheNewerWordCounts() {
    bothEndWith(news(Kind.ALIVE, 5, 1), news(Kind.ALIVE, 5, 2), news(Kind.ALIVE, 5, 2));
    bothEndWith(news(Kind.FAILED, 5, 1), news(Kind.FAILED, 5, 2), news(Kind.FAILED, 5, 2));
  }

  @Test
  void atTheHighestNumberDeathStands() {
    MemberNews dead = news(Kind.FAILED, 5, Refutation.MOST);
    bothEndWith(news(Kind.ALIVE, 5, Refutation.MOST), dead, dead);
    assertThat(TableUnion.deathSince(news(Kind.ALIVE, 5, Refutation.MOST))).isEqualTo(dead);
  }

  @Test
  void onlyTheDeathOfAMemberIsOfTheCut() {
    assertThat(TableUnion.isOfTheCut(news(Kind.FAILED, 5, 0), news(Kind.ALIVE, 5, 0))).isTrue();
    assertThat(TableUnion.isOfTheCut(news(Kind.LEFT, 5, 0), news(Kind.ALIVE, 5, 0))).isFalse();
    assertThat(TableUnion.isOfTheCut(news(Kind.FAILED, 5, 0), news(Kind.FAILED, 5, 0))).isFalse();
    assertThat(TableUnion.isOfTheCut(news(Kind.FAILED, 6, 0), news(Kind.ALIVE, 5, 0))).isFalse();
    assertThat(TableUnion.isOfTheCut(news(Kind.ALIVE, 5, 1), news(Kind.ALIVE, 5, 0))).isFalse();
  }
}
