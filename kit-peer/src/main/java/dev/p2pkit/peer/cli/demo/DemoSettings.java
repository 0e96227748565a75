// How the demo runs.
package dev.p2pkit.peer.cli.demo;

import java.nio.file.Path;

/**
 * Settings of a {@link Demo}.
 *
 * @param directory an empty directory for keys, logs and the peers' files
 * @param samples the directory with {@code counter-1.jar} and {@code counter-2.jar}
 * @param json whether the result is printed as JSON
 * @param terminal whether a line on the screen can be rewritten
 */
public record DemoSettings(Path directory, Path samples, boolean json, boolean terminal) {
  Path archive(int version) {
    return samples.resolve("counter-" + version + ".jar");
  }
}
