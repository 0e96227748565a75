// What the bench measures.
package dev.p2pkit.peer.cli.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * Settings of a run.
 *
 * @param peers how many processes, the caller included; 1 to 64
 * @param payload bytes in each message and each reply; 0 to 1,000,000
 * @param inFlight how many calls are open at any moment; 1 to 16,384
 * @param seconds how long is measured, after the warm-up; 1 to 3,600
 * @param warmUpSeconds how long the warm-up is, 1 to 60; empty: until the rate has stopped growing
 * @param target whom the calls address
 * @param tls whether the links are encrypted
 */
public record BenchSettings(
    int peers,
    int payload,
    int inFlight,
    int seconds,
    OptionalInt warmUpSeconds,
    Target target,
    boolean tls) {
  /** Checks the ranges; fails with {@link IllegalArgumentException}. */
  public BenchSettings {
    check("--peers", peers, 1, 64);
    check("--payload", payload, 0, 1_000_000);
    check("--in-flight", inFlight, 1, 16_384);
    check("--seconds", seconds, 1, 3_600);
    check("--warm-up", warmUpSeconds.orElse(1), 1, 60);
  }

  /** Whom the calls address. */
  public enum Target {
    /** The other peers by their ids, in turn. */
    PEER,
    /** The owners of 10,000 keys, at random; the caller's own share is called without a socket. */
    KEY
  }

  private static void check(String option, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "%s lies between %d and %d, not %d".formatted(option, least, most, value));
    }
  }

  /** The options that say the same, for the process that makes the calls. */
  public List<String> toOptions() {
    List<String> options = new ArrayList<>();
    options.addAll(List.of("--peers", Integer.toString(peers)));
    options.addAll(List.of("--payload", Integer.toString(payload)));
    options.addAll(List.of("--in-flight", Integer.toString(inFlight)));
    options.addAll(List.of("--seconds", Integer.toString(seconds)));
    warmUpSeconds.ifPresent(
        length -> options.addAll(List.of("--warm-up", Integer.toString(length))));
    options.addAll(List.of("--target", target.name()));
    options.addAll(List.of("--tls", tls ? "on" : "off"));
    return options;
  }
}
