// Measures what the peers of a run send.
package dev.p2pkit.overlay.simulator.scenario;

import dev.p2pkit.overlay.broadcast.BroadcastMessage;
import dev.p2pkit.overlay.machine.FrameTypes;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.overlay.ring.RingMachine;
import java.util.Arrays;

/**
 * Counts bytes and messages by purpose, as they are handed to a socket: frames with their headers,
 * before TLS and TCP. Measures one message in so many and takes it for that many.
 */
final class Traffic {
  /** Length and type of a frame. */
  private static final int FRAME_HEADER = 5;

  /** A type is one byte of a frame. */
  private static final int TYPES = 256;

  private final int sizes;
  private final WireWriter writer = new WireWriter(1_024);
  private final long[] bytes = new long[Purpose.values().length];
  private final long[] messages = new long[Purpose.values().length];

  /** By type of frame: how many were measured, and their bytes. */
  private final long[] measured = new long[TYPES];

  private final long[] measuredBytes = new long[TYPES];
  private long[] maintenance = new long[64];
  private long payloads;
  private int until;

  Traffic(int sizes) {
    this.sizes = sizes;
  }

  void sent(int peer, WireCodec codec, int type, WireMessage message) {
    Purpose purpose = purposeOf(type, message);
    messages[purpose.ordinal()]++;
    if (--until > 0) {
      // Taken for as long as those of its type have been on average.
      if (purpose.maintenance() && measured[type] > 0) {
        spent(peer, measuredBytes[type] / measured[type]);
      }
      return;
    }
    until = sizes;
    writer.clear();
    codec.encode(message, writer);
    long size = (long) FRAME_HEADER + writer.size();
    bytes[purpose.ordinal()] += sizes * size;
    measured[type]++;
    measuredBytes[type] += size;
    if (purpose.maintenance()) {
      spent(peer, size);
    }
  }

  private void spent(int peer, long size) {
    if (peer >= maintenance.length) {
      maintenance = Arrays.copyOf(maintenance, Math.max(peer + 1, 2 * maintenance.length));
    }
    maintenance[peer] += size;
  }

  private Purpose purposeOf(int type, WireMessage message) {
    return switch (type & -FrameTypes.EACH) {
      case FrameTypes.RING, FrameTypes.LEASE, FrameTypes.RELAY ->
          RingMachine.isAdmission(type) ? Purpose.JOINING : Purpose.RING;
      case FrameTypes.MEMBERSHIP, FrameTypes.MERGE -> Purpose.MEMBERSHIP;
      case FrameTypes.BROADCAST -> purposeOf((BroadcastMessage) message);
      default -> Purpose.MESSAGES;
    };
  }

  private Purpose purposeOf(BroadcastMessage message) {
    if (message.isOfRing()) {
      return Purpose.MEMBERSHIP;
    }
    if (message instanceof BroadcastMessage.Task || message instanceof BroadcastMessage.Repair) {
      payloads++;
    }
    return Purpose.BROADCAST;
  }

  long bytes(Purpose purpose) {
    return bytes[purpose.ordinal()];
  }

  long messages(Purpose purpose) {
    return messages[purpose.ordinal()];
  }

  long maintenanceMessages() {
    long sum = 0;
    for (Purpose purpose : Purpose.values()) {
      sum += purpose.maintenance() ? messages[purpose.ordinal()] : 0;
    }
    return sum;
  }

  long maintenanceBytes() {
    long sum = 0;
    for (Purpose purpose : Purpose.values()) {
      sum += purpose.maintenance() ? bytes[purpose.ordinal()] : 0;
    }
    return sum;
  }

  /** What a peer has spent on maintenance since the beginning; estimated if not all is measured. */
  long maintenanceOf(int peer) {
    return peer < maintenance.length ? maintenance[peer] : 0;
  }

  /** How often the payload of a broadcast of programs was sent. */
  long payloads() {
    return payloads;
  }
}
