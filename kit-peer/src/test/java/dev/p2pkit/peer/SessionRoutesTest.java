// What is sent to one session leaves in the order of the calls, however long each look-up takes.
package dev.p2pkit.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class SessionRoutesTest {
  private static final Key SESSION = Key.of(7);
  private static final PeerRef PROXY =
      new PeerRef(new PeerId(Key.of(1)), new Endpoint("127.0.0.1", 1), 1);

  private final List<CompletableFuture<Optional<PeerRef>>> lookups = new ArrayList<>();
  private final List<String> left = new ArrayList<>();
  private final SessionRoutes routes =
      new SessionRoutes(
          session -> {
            CompletableFuture<Optional<PeerRef>> lookup = new CompletableFuture<>();
            lookups.add(lookup);
            return lookup;
          });

  private CompletableFuture<String> send(String text) {
    return routes.send(
        SESSION,
        proxy -> {
          left.add(text);
          return CompletableFuture.completedFuture(text);
        });
  }

  @Test
  void aLaterMessageDoesNotLeaveBeforeAnEarlierOne() {
    CompletableFuture<String> first = send("first");
    CompletableFuture<String> second = send("second");
    assertThat(lookups).as("the second waits for the first").hasSize(1);
    lookups.get(0).complete(Optional.of(PROXY));
    lookups.get(1).complete(Optional.of(PROXY));
    assertThat(left).containsExactly("first", "second");
    assertThat(first).isCompletedWithValue("first");
    assertThat(second).isCompletedWithValue("second");
  }

  @Test
  void oneThatFindsNobodyDoesNotHoldTheNextBack() {
    CompletableFuture<String> first = send("first");
    CompletableFuture<String> second = send("second");
    lookups.get(0).complete(Optional.empty());
    lookups.get(1).complete(Optional.of(PROXY));
    assertThatThrownBy(first::join).hasMessageContaining("SESSION_EXPIRED");
    assertThat(second).isCompletedWithValue("second");
    assertThat(left).containsExactly("second");
  }
}
