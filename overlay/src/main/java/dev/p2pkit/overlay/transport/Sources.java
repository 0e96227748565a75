// How many connections of one address may be in the middle of their greeting, and how often it may
// dial.
package dev.p2pkit.overlay.transport;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Bounds what comes from one source: an IPv4 address or the /64 of an IPv6 address, since whoever
 * has one address there has all. Without it one address could take all the places there are for
 * connections that have not greeted. Thread-safe: connections come on several event loops.
 */
final class Sources {
  /** Sources that are remembered; more than can be in the middle of a greeting. */
  private static final int MOST = 4_096;

  private static final int PREFIX_BYTES = 8;
  private static final int BURST_SECONDS = 4;
  private static final double NANOS = 1e9;

  private final int mostOpen;
  private final int perSecond;

  /** In the order of their last dial. */
  private final Map<String, Source> sources = new LinkedHashMap<>(16, 0.75f, true);

  private static final class Source {
    int open;
    double allowed;
    long at;
  }

  /**
   * Bounds.
   *
   * @param mostOpen connections of one source that have not greeted
   * @param perSecond dials of one source in a second; four times as many at once
   */
  Sources(int mostOpen, int perSecond) {
    this.mostOpen = mostOpen;
    this.perSecond = perSecond;
  }

  static Sources of(LinkLimits limits) {
    return new Sources(limits.sourceGreetings(), limits.sourceDials());
  }

  /** A connection has come; false if its source has too many, or dials too often. */
  synchronized boolean begin(String address, long nowNanos) {
    double burst = (double) BURST_SECONDS * perSecond;
    Source source = sources.get(nameOf(address));
    if (source == null) {
      forgetIdle();
      source = new Source();
      source.allowed = burst;
      source.at = nowNanos;
      sources.put(nameOf(address), source);
    }
    double earned = (nowNanos - source.at) / NANOS * perSecond;
    source.allowed = Math.min(burst, source.allowed + earned);
    source.at = nowNanos;
    if (source.open >= mostOpen || source.allowed < 1) {
      return false;
    }
    source.allowed--;
    source.open++;
    return true;
  }

  /** One that was let in has greeted or is gone. */
  synchronized void end(String address) {
    Source source = sources.get(nameOf(address));
    if (source != null) {
      source.open--;
    }
  }

  /** The one that has dialled least lately of those of which nothing is open gives way. */
  private void forgetIdle() {
    Iterator<Source> each = sources.values().iterator();
    while (sources.size() >= MOST && each.hasNext()) {
      if (each.next().open == 0) {
        each.remove();
      }
    }
  }

  /** The address itself, or the first half of an IPv6 address. */
  static String nameOf(String address) {
    if (address.indexOf(':') < 0) {
      return address;
    }
    try {
      // A literal: nothing is looked up.
      InetAddress parsed = InetAddress.getByName(address);
      return parsed instanceof Inet6Address
          ? HexFormat.of().formatHex(parsed.getAddress(), 0, PREFIX_BYTES)
          : parsed.getHostAddress();
    } catch (UnknownHostException e) {
      return address;
    }
  }
}
