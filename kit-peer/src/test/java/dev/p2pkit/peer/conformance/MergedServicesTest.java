// What services hear when two parts of a network that were cut apart are one again.
package dev.p2pkit.peer.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.peer.HeartbeatProfile;
import dev.p2pkit.peer.Peer;
import dev.p2pkit.peer.testing.KitNetwork;
import dev.p2pkit.peer.testing.TestNetwork;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.ServiceHandle;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

@KitNetwork(peers = 3, heartbeat = HeartbeatProfile.FAST)
class MergedServicesTest {
  /** Collects keys; who has to give keys away after a cut sends what it has to their owners. */
  private static final String SOURCE =
      """
      @KitService(name = "collected", version = "1", state = Maker.Keys.class)
      public final class Maker implements ServiceMaker {
        public record Keys(List<String> here, List<String> given, List<String> heard) {}
        public record Add(String key) {}
        public record Given(String key) {}
        public record Get(boolean all) {}
        private static List<String> with(List<String> list, String more) {
          List<String> all = new ArrayList<>(list);
          all.add(more);
          return all;
        }
        @Override public ServiceDescriptor make(PeerContext peer) {
          return ServiceDescriptor.stateful(Keys.class)
              .initialState(() -> new Keys(List.of(), List.of(), List.of()))
              .onArcLost((arc, epoch, keys, context) ->
                  new Keys(keys.here(), keys.given(), with(keys.heard(), "lost " + arc)))
              .onMerged((arc, epoch, otherEpoch, keys, context) -> {
                List<String> left = new ArrayList<>();
                for (String key : keys.here()) {
                  if (arc.contains(Key.parse(key))) {
                    context.network().sendKey(Key.parse(key), "collected", new Given(key));
                  } else {
                    left.add(key);
                  }
                }
                return new Keys(left, keys.given(), with(keys.heard(), "merged " + arc));
              })
              .on(Add.class, (add, keys, context) -> {
                context.reply(true);
                return new Keys(with(keys.here(), add.key()), keys.given(), keys.heard());
              })
              .on(Given.class, (given, keys, context) -> new Keys(
                  keys.here(), with(keys.given(), given.key()), keys.heard()))
              .on(Get.class, (get, keys, context) -> {
                context.reply(List.of(keys.here(), keys.given(), keys.heard()));
                return keys;
              })
              .build();
        }
      }
      """;

  private static List<?> keys(TestNetwork network, Peer peer) {
    Payload get = Payload.tree(Map.of("type", "Get", "all", true));
    return network.get(peer.rpcPeer(peer.peerId(), "collected", get, List.class));
  }

  private static void add(TestNetwork network, Peer from, Key key) {
    Payload add = Payload.tree(Map.of("type", "Add", "key", key.toString()));
    assertThat(network.get(from.rpcKey(key, "collected", add, Boolean.class))).isTrue();
  }

  @Test
  void whoGivesKeysAwayAfterACutHandsWhatItHasStoredToTheirOwners(TestNetwork network) {
    ServiceHandle unused = network.install(Archives.of(SOURCE), "collected");
    Peer alone = network.peer(1);
    List<Peer> others = List.of(network.peer(0), network.peer(2));
    network.cut(List.of(alone));
    network.awaitSettled();
    // Each side has its own owner of these keys.
    for (Peer other : others) {
      add(network, alone, other.peerId().position());
      add(network, other, other.peerId().position());
    }
    List<String> both = others.stream().map(other -> other.peerId().position().toString()).toList();
    assertThat(keys(network, alone).get(0)).isEqualTo(both);

    network.heal();
    network.awaitSettled();
    network.await(
        "what the one side has collected is with the owners that are left",
        () ->
            others.stream()
                .allMatch(
                    other -> {
                      List<String> own = List.of(other.peerId().position().toString());
                      return keys(network, other).subList(0, 2).equals(List.of(own, own));
                    }));
    assertThat(keys(network, alone).subList(0, 2)).isEqualTo(List.of(List.of(), List.of()));
    // Each part was lost before it was merged.
    List<?> heard = (List<?>) keys(network, alone).get(2);
    for (Object each : heard) {
      String text = each.toString();
      if (text.startsWith("merged ")) {
        assertThat(heard.subList(0, heard.indexOf(each)).toString())
            .contains(text.replace("merged ", "lost "));
      }
    }
  }
}
