// The membership table against a plain map.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.ring.MemberNews.Kind;
import dev.p2pkit.overlay.ring.MemberTable.Change;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemberTableTest {
  private static final Endpoint ENDPOINT = new Endpoint("host", 1);

  private static PeerRef ref(Key position, long incarnation) {
    return new PeerRef(new PeerId(position), ENDPOINT, incarnation);
  }

  private static Key random(SplittableRandom random) {
    return new Key(random.nextLong(), random.nextLong());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void itHoldsWhatTheNewsSay(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    PeerRef self = ref(random(random), 1);
    MemberTable table = new MemberTable(self, seed % 2 == 0 ? new SharedBlocks() : null);
    List<Key> places = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      places.add(random(random));
    }
    TreeMap<PeerId, MemberNews> alive = new TreeMap<>();
    TreeMap<PeerId, MemberNews> gone = new TreeMap<>();
    alive.put(self.id(), MemberNews.alive(self, 0));
    for (int step = 0; step < 5_000; step++) {
      PeerRef about = ref(places.get(random.nextInt(places.size())), 1 + random.nextInt(3));
      MemberNews news =
          new MemberNews(
              Kind.values()[random.nextInt(Kind.values().length)], about, random.nextInt(3));
      applyTo(alive, gone, news);
      table.apply(step, news);
    }
    assertThat(table.everybody()).containsExactlyElementsOf(alive.values());
    assertThat(table.size()).isEqualTo(alive.size());
    assertThat(table.peers().asList())
        .containsExactlyElementsOf(alive.values().stream().map(MemberNews::ref).toList());
    long hash = 0;
    for (MemberNews news : alive.values()) {
      hash ^= Block.hashOf(news.ref(), news.refutation());
      assertThat(table.known(news.id())).contains(news);
    }
    assertThat(table.hash()).isEqualTo(hash);
    gone.values().forEach(news -> assertThat(table.isGone(news.ref())).isTrue());
  }

  private static void applyTo(
      Map<PeerId, MemberNews> alive, Map<PeerId, MemberNews> gone, MemberNews news) {
    MemberNews known = alive.getOrDefault(news.id(), gone.get(news.id()));
    int order = known == null ? 1 : news.compareAge(known.ref().incarnation(), known.refutation());
    boolean newer =
        order > 0
            || (order == 0
                && known != null
                && known.kind() == Kind.ALIVE
                && news.kind() != Kind.ALIVE);
    if (newer) {
      alive.remove(news.id());
      gone.remove(news.id());
      (news.kind() == Kind.ALIVE ? alive : gone).put(news.id(), news);
    }
  }

  @Test
  void neighboursInTheTableAreThoseOnTheRing() {
    SplittableRandom random = new SplittableRandom(9);
    PeerRef self = ref(random(random), 1);
    MemberTable table = new MemberTable(self);
    TreeMap<Key, PeerRef> model = new TreeMap<>();
    model.put(self.id().position(), self);
    for (int i = 0; i < 700; i++) {
      PeerRef ref = ref(random(random), 1);
      model.put(ref.id().position(), ref);
      table.apply(0, MemberNews.alive(ref, 0));
    }
    for (int i = 0; i < 1_000; i++) {
      Key key = i % 2 == 0 ? random(random) : table.random(random).id().position();
      Key after = Optional.ofNullable(model.higherKey(key)).orElse(model.firstKey());
      Key before = Optional.ofNullable(model.lowerKey(key)).orElse(model.lastKey());
      assertThat(table.after(key).id().position()).isEqualTo(after);
      assertThat(table.before(key).id().position()).isEqualTo(before);
    }
  }

  @Test
  void theGoneAreForgottenAfterTheMemoryButNotBefore() {
    PeerRef self = ref(Key.of(1), 1);
    PeerRef dead = ref(Key.of(2), 1);
    MemberTable table = new MemberTable(self);
    table.forget(0, 100);
    table.apply(1, new MemberNews(Kind.FAILED, dead, 0));
    for (long now = 1; now < 101; now += 10) {
      table.forget(now, 100);
      assertThat(table.apply(now, MemberNews.alive(dead, 0))).isEqualTo(Change.CONTRADICTED);
    }
    table.forget(101, 100);
    table.forget(202, 100);
    assertThat(table.apply(202, MemberNews.alive(dead, 0))).isEqualTo(Change.ADDED);
  }

  @Test
  void moreGravesThanAreKeptPushOutTheOldest() {
    Graves graves = new Graves();
    SplittableRandom random = new SplittableRandom(5);
    List<MemberNews> dead = new ArrayList<>();
    for (int i = 0; i < 6 * Graves.MOST; i++) {
      MemberNews news = new MemberNews(Kind.FAILED, ref(random(random), 1), 0);
      dead.add(news);
      graves.bury(news);
      if (i % 3 == 0) {
        graves.reopen(news.id());
      }
    }
    assertThat(graves.find(dead.get(dead.size() - 2).id())).isNotNull();
    assertThat(graves.find(dead.get(dead.size() - Graves.MOST + 2).id())).isNotNull();
    assertThat(graves.find(dead.get(1).id())).isNull();
  }
}
