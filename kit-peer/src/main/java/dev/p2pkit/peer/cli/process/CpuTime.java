// How much CPU time processes have used.
package dev.p2pkit.peer.cli.process;

import java.time.Duration;
import java.util.Collection;

/** Reads the CPU time of processes from the operating system. */
public final class CpuTime {
  private CpuTime() {}

  /** User and system time of all these processes since their start; a dead one counts as zero. */
  public static Duration of(Collection<Long> pids) {
    return pids.stream()
        .map(
            pid ->
                ProcessHandle.of(pid)
                    .flatMap(handle -> handle.info().totalCpuDuration())
                    .orElse(Duration.ZERO))
        .reduce(Duration.ZERO, Duration::plus);
  }
}
