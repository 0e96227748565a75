// Frames of the data plane: what is written is read again, and nothing else is.
package dev.p2pkit.overlay.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.sdk.Address;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RoutingCodecTest {
  private static final RoutingCodec CODEC = new RoutingCodec();
  private static final PeerId ONE = new PeerId(new Key(1, 2));
  private static final PeerId TWO = new PeerId(new Key(-3, 4));

  private static Envelope envelope(boolean byKey, boolean rich) {
    return new Envelope(
        ONE,
        1_000_000,
        999_000,
        rich ? 999_999 : 0,
        byKey,
        byKey ? new Key(7, 8) : TWO.position(),
        TWO,
        77,
        3,
        1,
        "größe",
        Envelope.RPC | 1 << 15,
        rich ? 12 : 0,
        9_999_999,
        rich ? new byte[Envelope.TRACE_BYTES] : new byte[0],
        rich ? Optional.of(Address.ofSession(new Key(5, 5), "proxy")) : Optional.empty(),
        new byte[] {1, 2, 3});
  }

  private static RoutingFrame.Answer answer(RoutingFrame.Verdict verdict) {
    boolean failure = verdict == RoutingFrame.Verdict.FAILED || verdict.refusal();
    return new RoutingFrame.Answer(
        ONE,
        TWO,
        5,
        2,
        verdict,
        9,
        failure ? ErrorCode.MAILBOX_FULL : ErrorCode.PROTOCOL_ERROR,
        failure ? Optional.of(new PeerRef(TWO, new Endpoint("host", 9), 4)) : Optional.empty(),
        new byte[] {9});
  }

  private static List<WireMessage> samples() {
    List<WireMessage> samples = new ArrayList<>();
    for (boolean byKey : new boolean[] {true, false}) {
      samples.add(envelope(byKey, true));
      samples.add(envelope(byKey, false));
    }
    for (RoutingFrame.Verdict verdict : RoutingFrame.Verdict.values()) {
      samples.add(answer(verdict));
    }
    samples.add(new RoutingFrame.Query(ONE, TWO, 6, 1, 5));
    samples.add(new RoutingFrame.Hop(TWO, 6, 1, true));
    samples.add(new RoutingFrame.SettleQuery());
    samples.add(new RoutingFrame.Settled(100, new long[] {3, 50}));
    samples.add(new RoutingFrame.Knock());
    addRouted(samples);
    return samples;
  }

  /** Frames of messages without a pin. */
  private static void addRouted(List<WireMessage> samples) {
    List<PeerId> path = List.of(ONE, TWO);
    Envelope free =
        new Envelope(
            ONE,
            10,
            9,
            0,
            true,
            new Key(7, 8),
            new PeerId(new Key(7, 8)),
            0,
            1,
            14,
            "ap",
            0,
            0,
            5_000,
            new byte[0],
            Optional.empty(),
            new byte[] {4});
    RoutedFrame.Arc arc =
        new RoutedFrame.Arc(new PeerRef(TWO, new Endpoint("host", 9), 4), new Key(6, 6), 3, 77);
    samples.add(new RoutedFrame.Routed(free, 30, 55, 66, path));
    samples.add(new RoutedFrame.Taken(ONE, 10, 1, 2, true, 5, 6));
    for (boolean rich : new boolean[] {true, false}) {
      samples.add(
          new RoutedFrame.Returned(
              answer(RoutingFrame.Verdict.TOO_YOUNG),
              1,
              rich,
              2,
              rich ? Optional.of(arc) : Optional.empty(),
              rich ? path : List.of()));
      samples.add(
          new RoutedFrame.KeyQuery(
              ONE, 10, 1, 9, new Key(7, 8), rich ? Optional.of(TWO) : Optional.empty(), 3, path));
    }
    samples.add(new RoutedFrame.ClockQuery(-5));
    samples.add(new RoutedFrame.ClockAnswer(-5, 7));
  }

  private static byte[] bytes(WireMessage message) {
    WireWriter writer = new WireWriter(64);
    CODEC.encode(message, writer);
    return writer.toBytes();
  }

  @Test
  void everyFrameIsReadAsItWasWritten() {
    for (WireMessage sample : samples()) {
      assertThat(CODEC.handles(sample)).isTrue();
      WireMessage read = CODEC.decode(CODEC.typeOf(sample), new WireReader(bytes(sample)));
      assertThat(read).usingRecursiveComparison().isEqualTo(sample);
    }
  }

  @Test
  void aFrameThatEndsTooEarlyIsRefused() {
    for (WireMessage sample : samples()) {
      byte[] bytes = bytes(sample);
      for (int length = 0; length < bytes.length; length++) {
        byte[] cut = Arrays.copyOf(bytes, length);
        assertThatThrownBy(() -> CODEC.decode(CODEC.typeOf(sample), new WireReader(cut)))
            .as(sample + " cut to " + length)
            .isInstanceOf(WireException.class);
      }
    }
  }

  @Test
  void garbageIsReadOrRefusedButNothingElse() {
    SplittableRandom random = new SplittableRandom(9);
    int refused = 0;
    for (int i = 0; i < 200_000; i++) {
      List<WireMessage> samples = SAMPLES;
      WireMessage sample = samples.get(random.nextInt(samples.size()));
      byte[] bytes = bytes(sample);
      for (int flips = 1 + random.nextInt(4); flips > 0 && bytes.length > 0; flips--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      try {
        WireMessage read = CODEC.decode(CODEC.typeOf(sample), new WireReader(bytes));
        assertThat(CODEC.handles(read)).isTrue();
      } catch (WireException e) {
        refused++;
      }
    }
    assertThat(refused).isPositive();
  }

  private static final List<WireMessage> SAMPLES = samples();

  @Test
  void numbersThatNoHonestPeerWritesAreRefused() {
    Key key = new Key(7, 8);
    Optional<PeerId> none = Optional.empty();
    List<WireMessage> forged =
        List.of(
            new RoutingFrame.Query(ONE, TWO, 6, 1, 7),
            new RoutingFrame.Query(ONE, TWO, 6, 1, 0),
            new RoutingFrame.Query(ONE, TWO, Long.MAX_VALUE, 1, 7),
            new RoutedFrame.KeyQuery(ONE, 10, 1, 11, key, none, 3, List.of()),
            new RoutedFrame.KeyQuery(ONE, 10, 1, 10, key, none, 17, List.of()),
            envelope(true, true).travelled(17, 5_000));
    for (WireMessage each : forged) {
      assertThatThrownBy(() -> CODEC.decode(CODEC.typeOf(each), new WireReader(bytes(each))))
          .as(each.toString())
          .isInstanceOf(WireException.class);
    }
  }

  @Test
  void aCodeOfALaterVersionIsTakenAsUnknown() {
    byte[] bytes = bytes(answer(RoutingFrame.Verdict.FAILED));
    int at = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf("MAILBOX");
    bytes[at] = 'W';
    RoutingFrame.Answer read =
        (RoutingFrame.Answer)
            CODEC.decode(CODEC.typeOf(answer(RoutingFrame.Verdict.FAILED)), new WireReader(bytes));
    assertThat(read.code()).isEqualTo(ErrorCode.DELIVERY_UNKNOWN);
  }
}
