// How busy the whole machine is, to tell whether a measurement was disturbed.
package dev.p2pkit.peer.cli.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** Reads the busy time of all cores where the operating system tells it in /proc/stat. */
final class MachineLoad {
  private static final Path STAT = Path.of("/proc/stat");
  // Fields of the line "cpu": user nice system idle iowait irq softirq steal …, in 1/100 s.
  private static final int IDLE = 4;
  private static final int IOWAIT = 5;
  private static final int LAST = 8;
  private static final long MILLIS_PER_TICK = 10;

  private MachineLoad() {}

  /** Milliseconds in which cores were busy since the machine started; empty if nobody tells. */
  static OptionalLong busyMillis() {
    try {
      String[] fields = Files.readAllLines(STAT).get(0).split("\\s+", -1);
      long busy = 0;
      for (int i = 1; i <= LAST && i < fields.length; i++) {
        if (i != IDLE && i != IOWAIT) {
          busy += Long.parseLong(fields[i]);
        }
      }
      return OptionalLong.of(busy * MILLIS_PER_TICK);
    } catch (IOException | RuntimeException e) {
      return OptionalLong.empty();
    }
  }
}
