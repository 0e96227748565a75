// What a version on probation leaves for the next process, also if this one is killed.
package dev.p2pkit.peer.service;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * One page of memory that belongs to a file: what is written to it is there when the process has
 * died, without a call into the system for each turn. It is not forced to the disk: when the host
 * has lost its power it may be old, which shortens nothing and lets a death go uncounted. Any
 * thread may write; what is not a single number is for the owner of the processor.
 */
final class LifeSigns {
  /** What the process was doing for the version. */
  enum Doing {
    /** It was idle. */
    NOTHING,
    /** It loaded the version, or read its state with its code. */
    LOADING,
    /** It ran a turn. */
    TURN,
    /** It had ended in good order, or has not come to the version yet. */
    ENDED
  }

  /** As many crashes as are remembered. */
  static final int MOST_CRASHES = 16;

  private static final VarHandle NUMBER =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final int BYTES = 4_096;
  private static final long MAGIC = 0x50324B4C49464531L; // P2KLIFE1
  private static final int AT_MAGIC = 0;
  private static final int AT_DOING = 8;
  private static final int AT_AGE = 16;
  private static final int AT_AWAITED = 24;
  private static final int AT_CRASHES = 32;
  private static final int AT_CRASH = 40;

  private final ByteBuffer page;

  private LifeSigns(ByteBuffer page) {
    this.page = page;
  }

  /** Signs that end with the process: there is no room for a file. */
  static LifeSigns inMemory() {
    return new LifeSigns(ByteBuffer.allocateDirect(BYTES));
  }

  /**
   * The signs in a file, which is made anew if it is not there or not whole.
   *
   * @throws IOException if it can neither be read nor made
   */
  static LifeSigns of(Path file) throws IOException {
    if (!Files.isRegularFile(file) || Files.size(file) != BYTES) {
      // Written, not only made longer: memory without room on the disk behind it ends the process.
      Files.write(file, new byte[BYTES]);
    }
    MappedByteBuffer page;
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      page = channel.map(FileChannel.MapMode.READ_WRITE, 0, BYTES);
    }
    LifeSigns signs = new LifeSigns(page);
    if (signs.get(AT_MAGIC) != MAGIC) {
      for (int at = 0; at < BYTES; at += Long.BYTES) {
        signs.put(at, 0);
      }
      signs.doing(Doing.ENDED);
      signs.put(AT_MAGIC, MAGIC);
    }
    return signs;
  }

  /**
   * Whether code of a service has told this process to end: a thread of it waits inside of {@link
   * Runtime#exit} for what is done at the end, which is what asks.
   */
  static boolean endsProcess(ClassLoader loader) {
    return Thread.getAllStackTraces().values().stream()
        .anyMatch(
            stack ->
                Arrays.stream(stack)
                        .anyMatch(frame -> frame.getClassName().equals("java.lang.Shutdown"))
                    && Arrays.stream(stack)
                        .anyMatch(
                            frame -> Objects.equals(frame.getClassLoaderName(), loader.getName())));
  }

  private long get(int at) {
    return (long) NUMBER.getAcquire(page, at);
  }

  private void put(int at, long value) {
    NUMBER.setRelease(page, at, value);
  }

  Doing doing() {
    long known = get(AT_DOING);
    return known >= 0 && known < Doing.values().length
        ? Doing.values()[(int) known]
        : Doing.NOTHING;
  }

  void doing(Doing what) {
    put(AT_DOING, what.ordinal());
  }

  /** How long peers have run the version here, in nanoseconds; the time between is not counted. */
  long age() {
    return Math.max(0, get(AT_AGE));
  }

  void age(long nanos) {
    put(AT_AGE, nanos);
  }

  /** Whether the roll-out of the version has not reached all peers. */
  boolean awaited() {
    return get(AT_AWAITED) == 1;
  }

  void awaited(boolean others) {
    put(AT_AWAITED, others ? 1 : 0);
  }

  /** The version has crashed at this age. */
  void crashed(long age) {
    long count = Math.max(0, get(AT_CRASHES));
    put(AT_CRASH + (int) (count % MOST_CRASHES) * Long.BYTES, age);
    put(AT_CRASHES, count + 1);
  }

  /** The ages of the last crashes, oldest first. */
  List<Long> crashes() {
    long count = Math.max(0, get(AT_CRASHES));
    List<Long> ages = new ArrayList<>();
    for (long i = Math.max(0, count - MOST_CRASHES); i < count; i++) {
      ages.add(get(AT_CRASH + (int) (i % MOST_CRASHES) * Long.BYTES));
    }
    return ages;
  }
}
