// How long a link may take for what.
package dev.p2pkit.overlay.transport;

import java.time.Duration;
import java.util.function.Consumer;

/**
 * How long a link may take for what.
 *
 * @param dial for the TCP connection; default 3 s
 * @param greeting for handshake and greeting, once connected; more than for the connection, because
 *     a program that has just started is slow while a network is not; default 10 s
 * @param pingInterval how often each side asks whether the other still answers; default 5 s
 * @param pingTimeout how long the answer may take before the link is given up; default 15 s
 * @param firstBackOff how long after a failed dial the next one waits; doubles, with jitter;
 *     default 0.5 s
 * @param lastBackOff where the doubling ends; default 30 s
 * @param idle how long a link must have carried nothing before it may be closed to make room for
 *     another; default 10 s
 * @param unused after how long without a message a link is closed though there is room: it costs
 *     memory on both sides, and a handshake brings it back; default 1 min
 */
public record LinkTimes(
    Duration dial,
    Duration greeting,
    Duration pingInterval,
    Duration pingTimeout,
    Duration firstBackOff,
    Duration lastBackOff,
    Duration idle,
    Duration unused) {
  /** Checks that every duration is at least a millisecond. */
  public LinkTimes {
    for (Duration each :
        new Duration[] {
          dial, greeting, pingInterval, pingTimeout, firstBackOff, lastBackOff, idle, unused
        }) {
      if (each.toMillis() < 1) {
        throw new IllegalArgumentException("a time of a link is at least 1 ms, not " + each);
      }
    }
  }

  /** The defaults. */
  public static LinkTimes defaults() {
    return new LinkTimes(
        Duration.ofSeconds(3),
        Duration.ofSeconds(10),
        Duration.ofSeconds(5),
        Duration.ofSeconds(15),
        Duration.ofMillis(500),
        Duration.ofSeconds(30),
        Duration.ofSeconds(10),
        Duration.ofMinutes(1));
  }

  /** The same with another limit for the connection. */
  public LinkTimes withDial(Duration value) {
    return with(other -> other.dial = value);
  }

  /** The same with another limit for handshake and greeting. */
  public LinkTimes withGreeting(Duration value) {
    return with(other -> other.greeting = value);
  }

  /** The same with other ping times. */
  public LinkTimes withPing(Duration interval, Duration timeout) {
    return with(
        other -> {
          other.pingInterval = interval;
          other.pingTimeout = timeout;
        });
  }

  /** The same with another back-off. */
  public LinkTimes withBackOff(Duration first, Duration last) {
    return with(
        other -> {
          other.firstBackOff = first;
          other.lastBackOff = last;
        });
  }

  /** The same with another time after which a link counts as idle. */
  public LinkTimes withIdle(Duration value) {
    return with(other -> other.idle = value);
  }

  /** The same with another time after which a link that is not used is closed. */
  public LinkTimes withUnused(Duration value) {
    return with(other -> other.unused = value);
  }

  private LinkTimes with(Consumer<Draft> change) {
    Draft other = new Draft(this);
    change.accept(other);
    return other.times();
  }

  /** The components, to be changed one by one. */
  private static final class Draft {
    private Duration dial;
    private Duration greeting;
    private Duration pingInterval;
    private Duration pingTimeout;
    private Duration firstBackOff;
    private Duration lastBackOff;
    private Duration idle;
    private Duration unused;

    Draft(LinkTimes from) {
      dial = from.dial;
      greeting = from.greeting;
      pingInterval = from.pingInterval;
      pingTimeout = from.pingTimeout;
      firstBackOff = from.firstBackOff;
      lastBackOff = from.lastBackOff;
      idle = from.idle;
      unused = from.unused;
    }

    LinkTimes times() {
      return new LinkTimes(
          dial, greeting, pingInterval, pingTimeout, firstBackOff, lastBackOff, idle, unused);
    }
  }
}
