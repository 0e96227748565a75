// A disk that is full soon.
package dev.p2pkit.peer.conformance;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A file system in memory with little room, for users who may mount one. */
public final class SmallDisk {
  private SmallDisk() {}

  /** Whether it stands in place of this directory now. */
  public static boolean mount(Path at, int kibibytes) throws InterruptedException {
    return run("mount", "-t", "tmpfs", "-o", "size=" + kibibytes + "k", "none", at.toString());
  }

  /** Whether it is gone. */
  public static boolean unmount(Path at) throws InterruptedException {
    return run("umount", "-l", at.toString());
  }

  private static boolean run(String... command) throws InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getInputStream().readAllBytes();
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
