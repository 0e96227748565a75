// Frames are cut alike however the stream is split, and lengths are checked before anything is
// kept.
package dev.p2pkit.overlay.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireWriter;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameCutterTest {
  private static final int LIMIT = 200_000;

  private final List<String> cut = new ArrayList<>();
  private int stopAfter = Integer.MAX_VALUE;
  private final FrameCutter cutter =
      new FrameCutter(
          LIMIT,
          (type, bytes, from, length) -> {
            cut.add(type + ":" + Arrays.hashCode(Arrays.copyOfRange(bytes, from, from + length)));
            return cut.size() < stopAfter;
          });

  private static byte[] stream(Random random, int frames, List<String> expected) {
    WireWriter out = new WireWriter(1024);
    for (int i = 0; i < frames; i++) {
      byte[] body = new byte[random.nextInt(10) == 0 ? random.nextInt(LIMIT) : random.nextInt(40)];
      random.nextBytes(body);
      int type = random.nextInt(256);
      out.raw(RawPeer.frame(type, body), 0, body.length + 5);
      expected.add(type + ":" + Arrays.hashCode(body));
    }
    return out.toBytes();
  }

  @Test
  void aStreamIsCutAlikeHoweverItArrives() {
    for (long seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      cut.clear();
      List<String> expected = new ArrayList<>();
      byte[] stream = stream(random, 20, expected);
      int most = seed % 3 == 0 ? 7 : 100_000;
      for (int at = 0; at < stream.length; ) {
        int length = Math.min(stream.length - at, 1 + random.nextInt(most));
        cutter.feed(stream, at, length);
        at += length;
      }
      assertThat(cut).as("seed %d", seed).isEqualTo(expected);
    }
  }

  @Test
  void byteByByteIsEnough() {
    List<String> expected = new ArrayList<>();
    byte[] stream = stream(new Random(1), 5, expected);
    for (int i = 0; i < stream.length; i++) {
      cutter.feed(stream, i, 1);
    }
    assertThat(cut).isEqualTo(expected);
  }

  @Test
  void aStoppedCutterKeepsWhatComesAndGoesOn() {
    for (long seed = 0; seed < 100; seed++) {
      Random random = new Random(seed);
      cut.clear();
      List<String> expected = new ArrayList<>();
      byte[] stream = stream(random, 10, expected);
      stopAfter = 1 + random.nextInt(9);
      int half = random.nextInt(stream.length);
      cutter.feed(stream, 0, half);
      cutter.feed(stream, half, stream.length - half);
      assertThat(cut).isEqualTo(expected.subList(0, stopAfter));
      stopAfter = Integer.MAX_VALUE;
      cutter.resume();
      assertThat(cut).as("seed %d", seed).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Integer.MIN_VALUE, Integer.MAX_VALUE, LIMIT + 1})
  void aLengthOutOfRangeIsRefusedAtOnce(int length) {
    byte[] head = new WireWriter(4).i32(length).toBytes();
    assertThatThrownBy(() -> cutter.feed(head, 0, 4))
        .isInstanceOf(WireException.class)
        .hasMessageContaining(Integer.toUnsignedString(length));
    for (int i = 0; i < 3; i++) {
      int at = i;
      FrameCutter fresh = new FrameCutter(LIMIT, (type, bytes, from, size) -> true);
      fresh.feed(head, 0, at);
      assertThatThrownBy(() -> fresh.feed(head, at, 4 - at)).isInstanceOf(WireException.class);
    }
    assertThat(cut).isEmpty();
  }

  @Test
  void anyStreamIsCutOrRefusedAndKeepsNoMoreThanHasCome() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (long seed = 0; seed < 2_000; seed++) {
      Random random = new Random(seed);
      byte[] stream = stream(random, 3, new ArrayList<>());
      for (int flips = random.nextInt(6); flips > 0; flips--) {
        stream[random.nextInt(Math.min(stream.length, 200))] = (byte) random.nextInt();
      }
      int[] frames = new int[1];
      FrameCutter fresh =
          new FrameCutter(
              LIMIT,
              (type, bytes, from, length) -> {
                assertThat(type).isBetween(0, 255);
                assertThat(length).isBetween(0, LIMIT);
                assertThat(from + length).isLessThanOrEqualTo(bytes.length);
                frames[0]++;
                return true;
              });
      int fed = 0;
      long before = threads.getCurrentThreadAllocatedBytes();
      try {
        while (fed < stream.length) {
          int length = Math.min(stream.length - fed, 1 + random.nextInt(5_000));
          fresh.feed(stream, fed, length);
          fed += length;
        }
      } catch (WireException refused) {
        assertThat(refused).hasMessageContaining("are allowed");
        fed = stream.length;
      }
      long allocated = threads.getCurrentThreadAllocatedBytes() - before;
      // Room doubles as it fills, and assertions take some; a length that is announced takes none.
      assertThat(allocated)
          .as("seed %d, %d bytes, %d frames", seed, stream.length, frames[0])
          .isLessThan(8L * stream.length + 256 * 1024);
    }
  }

  @Test
  void whatIsAnnouncedTakesNoRoomUntilItComes() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    FrameCutter large = new FrameCutter(64 << 20, (type, bytes, from, length) -> true);
    byte[] head = new WireWriter(8).i32(60 << 20).u8(1).toBytes();
    large.feed(head, 0, 3);
    long before = threads.getCurrentThreadAllocatedBytes();
    large.feed(head, 3, 2);
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(64 * 1024);
  }
}
