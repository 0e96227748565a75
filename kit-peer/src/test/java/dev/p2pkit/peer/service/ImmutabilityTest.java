// What may be kept by reference between turns, and what must be copied.
package dev.p2pkit.peer.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ImmutabilityTest {
  private enum Colour {
    RED,
    GREEN {
      @Override
      public String toString() {
        return "green";
      }
    }
  }

  private record Plain(long count, String name, Instant since, Colour colour) {}

  private record Nested(Plain plain, Map<String, List<Plain>> byName, Optional<Plain> last) {}

  private record Open(Object anything) {}

  private final Immutability immutability = new Immutability();

  private static final Plain PLAIN = new Plain(1, "a", Instant.EPOCH, Colour.GREEN);

  @Test
  void valuesAndRecordsOfThem() {
    assertThat(immutability.isImmutable("text")).isTrue();
    assertThat(immutability.isImmutable(PLAIN)).isTrue();
    assertThat(immutability.isImmutable(new Open(null))).isTrue();
    assertThat(immutability.isImmutable(new Open(Colour.RED))).isTrue();
  }

  @Test
  void immutableCollectionsOfImmutableThings() {
    assertThat(
            immutability.isImmutable(
                new Nested(PLAIN, Map.of("a", List.of(PLAIN)), Optional.of(PLAIN))))
        .isTrue();
    assertThat(immutability.isImmutable(new Open(Set.copyOf(List.of(1, 2))))).isTrue();
  }

  @Test
  void anythingMutableAnywhereInside() {
    assertThat(immutability.isImmutable(new ArrayList<>())).isFalse();
    assertThat(immutability.isImmutable(new Open(new byte[1]))).isFalse();
    assertThat(immutability.isImmutable(new Open(new HashMap<>()))).isFalse();
    assertThat(
            immutability.isImmutable(
                new Open(List.of(new Open(new java.util.concurrent.atomic.AtomicLong())))))
        .isFalse();
    assertThat(
            immutability.isImmutable(
                new Nested(PLAIN, Map.of("a", new ArrayList<>()), Optional.empty())))
        .isFalse();
  }

  @Test
  void whatIsTooDeepToTell() {
    Object value = "core";
    for (int i = 0; i < 1_000; i++) {
      value = new Open(value);
    }
    assertThat(immutability.isImmutable(value)).isFalse();
  }
}
