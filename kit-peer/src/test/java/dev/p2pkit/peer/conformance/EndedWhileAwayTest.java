// A service ends while one of its peers is away: nothing of it is left there when that one is back.
package dev.p2pkit.peer.conformance;

import static dev.p2pkit.peer.conformance.TestRing.await;
import static dev.p2pkit.peer.conformance.TestRing.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.peer.Peer;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.ServiceHandle;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class EndedWhileAwayTest {
  private static final String SOURCE =
      """
      @KitService(name = "tally", version = "VERSION", state = Maker.Count.class, schema = 1,
          durability = Durability.JOURNAL)
      public final class Maker implements ServiceMaker {
        public record Count(long number) {}
        public record Add(String to) {}
        @Override public ServiceDescriptor make(PeerContext peer) {
          return ServiceDescriptor.stateful(Count.class)
              .initialState(() -> new Count(0))
              .on(Add.class, (add, count, context) -> {
                context.reply(count.number() + 1);
                return new Count(count.number() + 1);
              })
              .build();
        }
      }
      """;

  record Add(String to) {}

  private static Archive version(int number) {
    return Archives.of(SOURCE.replace("VERSION", String.valueOf(number)));
  }

  private static ServiceHandle installed(Peer peer, String name) {
    ServiceHandle handle = get(peer.install(version(1), InstallOptions.named(name)));
    get(peer.install(version(2), InstallOptions.named(name)));
    return handle;
  }

  private static long add(ServiceHandle handle, Peer at) {
    return get(handle.peer(at.peerId()).rpc(new Add("it"), Long.class));
  }

  @Test
  void itsStateAndProbationGoWhenThePeerIsBackAndThoseOfOthersStay() {
    try (TestRing ring = TestRing.of(1)) {
      Path directory = ring.directory().resolve("traveller");
      Peer traveller = ring.start(settings -> settings.dataDirectory(directory));
      ring.awaitClosed();
      ServiceHandle ending = installed(ring.peer(0), "ending");
      ServiceHandle staying = installed(ring.peer(0), "staying");
      assertThat(add(ending, traveller)).isEqualTo(1);
      assertThat(add(staying, traveller)).isEqualTo(1);
      ring.leave(traveller);
      Path state = directory.resolve("state").resolve("ending").resolve("1.state");
      Path probation = directory.resolve("probation").resolve("ending").resolve("1");
      assertThat(state).exists();
      assertThat(probation).exists();

      get(ending.control(InstallOptions.DEFAULT).withdraw());
      Peer back = ring.start(settings -> settings.dataDirectory(directory));
      await()
          .untilAsserted(
              () ->
                  assertThat(back.info().statistics().dropped())
                      .containsEntry("state.left-over", 1L));
      assertThat(state).doesNotExist();
      assertThat(probation).doesNotExist();
      await().untilAsserted(() -> assertThat(add(staying, back)).isGreaterThanOrEqualTo(2));
      ring.awaitClosed();
    }
  }
}
