// How much a link may hold and carry.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.machine.Channel;
import java.util.function.Consumer;

/**
 * How much a link may hold and carry.
 *
 * @param frameBytes the largest frame without its length, both ways; default 1 MiB
 * @param controlBytes how much may wait on the control channel; default 1 MiB
 * @param requestBytes how much may wait on the request channel; default 8 MiB
 * @param bulkBytes how much may wait on the bulk channel; default 1 MiB
 * @param links how many links to peers are kept before the least recently used idle one is closed;
 *     default 512
 * @param clientLinks how many clients may be attached; default 1,024
 * @param greetings how many connections may be in the middle of their greeting; default 256
 * @param sourceGreetings how many of these may come from one address (IPv6: one /64); default 128
 * @param sourceDials how often one address may dial in a second, four times as often at once;
 *     default 128
 * @param handshakes how many handshakes all transports of one Vert.x begin at a time in each
 *     direction; the others wait; default 16 for each processor
 * @param waitingHandshakes how many may wait in each direction, half of them on behalf of one peer
 *     or address; default 2,048
 */
public record LinkLimits(
    int frameBytes,
    int controlBytes,
    int requestBytes,
    int bulkBytes,
    int links,
    int clientLinks,
    int greetings,
    int sourceGreetings,
    int sourceDials,
    int handshakes,
    int waitingHandshakes) {
  /** The largest frame on the bulk channel: 64 KiB of content and 1 KiB for what surrounds it. */
  public static final int BULK_FRAME_BYTES = 65 * 1024;

  /**
   * A handshake takes a processor some 5 ms, both sides together: so many take a tenth of a second,
   * and less than the time for the greeting where the process gets a fiftieth of its processors.
   */
  private static final int HANDSHAKES_PER_PROCESSOR = 16;

  /** Checks the ranges. */
  public LinkLimits {
    if (frameBytes < 16 * 1024 || frameBytes > 64 * 1024 * 1024) {
      throw new IllegalArgumentException(
          "the frame limit lies between 16 KiB and 64 MiB, not " + frameBytes);
    }
    if (controlBytes < 1 || requestBytes < 1 || bulkBytes < 1) {
      throw new IllegalArgumentException("a channel's bound is at least 1 byte");
    }
    if (links < 1 || clientLinks < 0 || greetings < 1 || sourceGreetings < 1 || sourceDials < 1) {
      throw new IllegalArgumentException("at least one link and one greeting must be allowed");
    }
    if (handshakes < 1 || waitingHandshakes < 1) {
      throw new IllegalArgumentException("at least one handshake must be allowed, and one to wait");
    }
  }

  /** The defaults. */
  public static LinkLimits defaults() {
    int atOnce = HANDSHAKES_PER_PROCESSOR * Runtime.getRuntime().availableProcessors();
    return new LinkLimits(
        1 << 20, 1 << 20, 8 << 20, 1 << 20, 512, 1024, 256, 128, 128, atOnce, 2048);
  }

  /** How many bytes may wait on a channel. */
  public int pendingBytes(Channel channel) {
    return switch (channel) {
      case CONTROL -> controlBytes;
      case REQUEST -> requestBytes;
      case BULK -> bulkBytes;
    };
  }

  /** The largest frame of a channel. */
  public int frameBytes(Channel channel) {
    return channel == Channel.BULK ? Math.min(frameBytes, BULK_FRAME_BYTES) : frameBytes;
  }

  /** The same with another frame limit. */
  public LinkLimits withFrameBytes(int value) {
    return with(other -> other.frameBytes = value);
  }

  /** The same with other bounds of the channels. */
  public LinkLimits withPendingBytes(int control, int request, int bulk) {
    return with(
        other -> {
          other.controlBytes = control;
          other.requestBytes = request;
          other.bulkBytes = bulk;
        });
  }

  /** The same with another number of links to peers. */
  public LinkLimits withLinks(int value) {
    return with(other -> other.links = value);
  }

  /** The same with another number of clients. */
  public LinkLimits withClientLinks(int value) {
    return with(other -> other.clientLinks = value);
  }

  /** The same with other bounds on one address. */
  public LinkLimits withSource(int mostGreeting, int dialsPerSecond) {
    return with(
        other -> {
          other.sourceGreetings = mostGreeting;
          other.sourceDials = dialsPerSecond;
        });
  }

  /** The same with other bounds on handshakes. */
  public LinkLimits withHandshakes(int atOnce, int waiting) {
    return with(
        other -> {
          other.handshakes = atOnce;
          other.waitingHandshakes = waiting;
        });
  }

  private LinkLimits with(Consumer<Draft> change) {
    Draft other = new Draft(this);
    change.accept(other);
    return other.limits();
  }

  /** The components, to be changed one by one. */
  private static final class Draft {
    private int frameBytes;
    private int controlBytes;
    private int requestBytes;
    private int bulkBytes;
    private int links;
    private int clientLinks;
    private int greetings;
    private int sourceGreetings;
    private int sourceDials;
    private int handshakes;
    private int waitingHandshakes;

    Draft(LinkLimits from) {
      frameBytes = from.frameBytes;
      controlBytes = from.controlBytes;
      requestBytes = from.requestBytes;
      bulkBytes = from.bulkBytes;
      links = from.links;
      clientLinks = from.clientLinks;
      greetings = from.greetings;
      sourceGreetings = from.sourceGreetings;
      sourceDials = from.sourceDials;
      handshakes = from.handshakes;
      waitingHandshakes = from.waitingHandshakes;
    }

    LinkLimits limits() {
      return new LinkLimits(
          frameBytes,
          controlBytes,
          requestBytes,
          bulkBytes,
          links,
          clientLinks,
          greetings,
          sourceGreetings,
          sourceDials,
          handshakes,
          waitingHandshakes);
    }
  }
}
