// In which order a peer knocks at its entry points.
package dev.p2pkit.overlay.peer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.peer.TestRing.Member;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class EntryOrderTest {
  private static final int DOORS = 4;

  @Test
  void entryPointsAreTriedInAnOrderThatTheSeedDecides() {
    List<List<Integer>> orders = IntStream.range(0, 6).mapToObj(EntryOrderTest::knocks).toList();
    assertThat(orders).allSatisfy(order -> assertThat(order).containsExactlyInAnyOrder(0, 1, 2, 3));
    assertThat(orders.stream().distinct().count()).as("orders: %s", orders).isGreaterThan(1);
    assertThat(knocks(0)).isEqualTo(orders.get(0));
  }

  /** The doors in the order in which a peer knocked at each for the first time; none lets it in. */
  private static List<Integer> knocks(int seed) {
    List<Integer> order = new CopyOnWriteArrayList<>();
    List<ServerSocket> doors = new ArrayList<>();
    try (TestRing ring = new TestRing(false)) {
      List<EntryPoint> points = new ArrayList<>();
      for (int i = 0; i < DOORS; i++) {
        ServerSocket door = new ServerSocket(0, DOORS, InetAddress.getLoopbackAddress());
        doors.add(door);
        points.add(
            new EntryPoint(new Endpoint("127.0.0.1", door.getLocalPort()), Optional.empty()));
        int number = i;
        Thread porter = new Thread(() -> slam(door, () -> order.add(number)), "door-" + i);
        porter.setDaemon(true);
        porter.start();
      }
      Member joiner = ring.listening();
      CompletableFuture<?> unused =
          joiner.overlay.enter(points, EntryMode.JOIN_ONLY, TestRing.LIMIT, new Random(seed));
      Awaitility.await().atMost(TestRing.LIMIT).until(() -> order.size() >= DOORS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      doors.forEach(EntryOrderTest::close);
    }
    return order.subList(0, DOORS);
  }

  private static void slam(ServerSocket door, Runnable knocked) {
    try {
      while (!door.isClosed()) {
        var visitor = door.accept();
        knocked.run();
        visitor.close();
      }
    } catch (IOException e) {
      // The test is over.
    }
  }

  private static void close(ServerSocket door) {
    try {
      door.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
