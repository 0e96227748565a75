// The chat of samples/chat.md: clients of different peers meet in rooms by key.
package dev.p2pkit.samples;

import static dev.p2pkit.sdk.InstallOptions.named;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.client.Client;
import dev.p2pkit.peer.Peer;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChatTest {
  private static final Archive CHAT = Archive.of(Path.of("target/chat.jar"));

  @TempDir Path directory;

  @Test
  void membersHearEachOtherInOrderAndOnlyInTheirRoom() {
    try (SampleRing ring = SampleRing.of(3, directory)) {
      ring.first().install(CHAT, named("chat")).join();
      List<String> atAlice = new CopyOnWriteArrayList<>();
      List<String> atBob = new CopyOnWriteArrayList<>();
      List<String> atCarol = new CopyOnWriteArrayList<>();
      try (Client one = client(ring.peers().get(0));
          Client two = client(ring.peers().get(1));
          Client three = client(ring.peers().get(2));
          ChatMember alice = join(one, "lobby", "alice", atAlice);
          ChatMember bob = join(two, "lobby", "bob", atBob);
          ChatMember carol = join(three, "garden", "carol", atCarol)) {
        List<?> present = List.of();
        for (int i = 0; i < 20; i++) {
          present = alice.say("line " + i).join();
        }
        carol.say("alone").join();
        bob.say("bye").join();

        assertThat(present).hasToString("[alice, bob]");
        await()
            .atMost(Duration.ofSeconds(20))
            .untilAsserted(
                () -> {
                  assertThat(atAlice).hasSize(21);
                  assertThat(atBob).hasSize(21);
                  assertThat(atCarol).containsExactly("garden carol alone");
                });
        assertThat(atBob.subList(0, 20))
            .isEqualTo(IntStream.range(0, 20).mapToObj(i -> "lobby alice line " + i).toList());
        assertThat(atAlice.get(20)).isEqualTo("lobby bob bye");
      }
    }
  }

  @Test
  void whoIsNotInTheRoomIsRefused() {
    try (SampleRing ring = SampleRing.of(1, directory);
        Client client = ring.client()) {
      ring.first().install(CHAT, named("chat")).join();
      var speech =
          client
              .service("chat")
              .join()
              .hash("lobby")
              .rpc(Map.of("room", "lobby", "name", "eve", "text", "x"), Map.class);
      assertThatThrownBy(speech::join)
          .isInstanceOf(CompletionException.class)
          .cause()
          .isInstanceOfSatisfying(
              KitException.class,
              refused -> assertThat(refused.code()).isEqualTo(ErrorCode.UNAUTHORISED));
    }
  }

  private static Client client(Peer peer) {
    return Client.connect(List.of(peer.clientTicket(Duration.ofHours(1)))).join();
  }

  private static ChatMember join(Client client, String room, String name, List<String> heard) {
    return ChatMember.join(
            client,
            room,
            name,
            said -> heard.add(said.get("room") + " " + said.get("name") + " " + said.get("text")))
        .join();
  }
}
