// Changes frames at random and has them read: each is read or refused, and costs little memory.
package dev.p2pkit.overlay.machine;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Reads frames that were changed. Anything but {@link WireException} is a defect, and so is a frame
 * whose reading allocates more than a small multiple of its length: a length that it declares was
 * believed before it was checked.
 */
public final class Fuzz {
  /**
   * Bytes of memory for each byte of a frame. The densest is a list of small numbers or peers, each
   * of which becomes an object or two.
   */
  private static final int MULTIPLE = 32;

  /** For the message itself, or the exception with its trace. */
  private static final int PLUS = 16 * 1024;

  private static final int TIMES = 200;
  private static final int AGAIN = 10;

  private final SplittableRandom random;
  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  public Fuzz(long seed) {
    random = new SplittableRandom(seed);
  }

  /** Reads a frame of any bytes. */
  public void read(WireCodec codec, int type, byte[] bytes) {
    long most = (long) MULTIPLE * bytes.length + PLUS;
    long allocated = allocated(codec, type, bytes);
    // Again: the first times classes may have been loaded, or texts been put together by code that
    // the JVM makes when it comes there. What a frame itself costs, it costs each time.
    for (int i = 0; i < AGAIN && allocated > most; i++) {
      allocated = allocated(codec, type, bytes);
    }
    assertThat(allocated)
        .as("memory for a frame of type %x and %d bytes", type, bytes.length)
        .isLessThanOrEqualTo(most);
  }

  private long allocated(WireCodec codec, int type, byte[] bytes) {
    long before = threads.getCurrentThreadAllocatedBytes();
    try {
      assertThat(codec.decode(type, new WireReader(bytes))).isNotNull();
    } catch (WireException refused) {
      assertThat(refused.getMessage()).isNotBlank();
    }
    return threads.getCurrentThreadAllocatedBytes() - before;
  }

  /** Reads random bytes as each of a codec's types. */
  public void random(WireCodec codec, int times) {
    for (int i = 0; i < times; i++) {
      byte[] bytes = new byte[random.nextInt(120)];
      random.nextBytes(bytes);
      read(codec, codec.firstType() + i % (codec.lastType() - codec.firstType() + 1), bytes);
    }
  }

  /** Reads a frame as it is, cut short, and with some of its bytes changed. */
  public void change(WireCodec codec, int type, byte[] sample) {
    read(codec, type, sample);
    for (int i = 0; i < TIMES; i++) {
      boolean cut = random.nextInt(4) == 0;
      byte[] changed =
          Arrays.copyOf(sample, cut ? random.nextInt(sample.length + 1) : sample.length);
      for (int flips = random.nextInt(4); flips >= 0 && changed.length > 0; flips--) {
        // Mostly near the front, where the lengths and counts are.
        int place = random.nextInt(Math.min(changed.length, 1 + random.nextInt(600)));
        changed[place] = random.nextBoolean() ? (byte) random.nextInt() : (byte) 0xFF;
      }
      read(codec, type, changed);
    }
  }
}
