// The frames of the broadcast: what goes in comes out, and garbled ones are refused.
package dev.p2pkit.overlay.broadcast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.p2pkit.overlay.broadcast.BroadcastMessage.Declined;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Done;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Pull;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Recent;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Repair;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Seen;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Task;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Working;
import dev.p2pkit.overlay.machine.Channel;
import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.FrameTypes;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.sdk.BroadcastReport.Arc;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class BroadcastCodecTest {
  private static final Arc ARC = new Arc(new Key(-1, 2), Key.of(3));
  private static final PeerId PEER = new PeerId(new Key(4, 5));
  private static final BroadcastId ID = new BroadcastId(PEER, 77);
  private static final List<WireMessage> MESSAGES =
      List.of(
          task(0),
          task(2),
          new Working(ID, ARC),
          new Done(ID, ARC, Tally.NOBODY),
          new Done(
              ID,
              ARC,
              new Tally(
                  2, -3, List.of(PEER), 5, Map.of(PEER, ErrorCode.BUSY), List.of(ARC, ARC), true)),
          new Task(content(1, 16), ARC, 5),
          new Declined(ID, ARC, Optional.empty()),
          new Declined(ID, ARC, Optional.of(ErrorCode.BUSY)),
          new Recent(List.of(new Seen(ID, 12), new Seen(ID, 0)), true),
          new Pull(List.of(ID, ID)),
          new Repair(content(2, 1)),
          new Repair(content(2, 3)),
          new Repair(afterRestart(12, 40)),
          new BroadcastMessage.Repaired(ID));

  private final BroadcastCodec codec = new BroadcastCodec();

  private static Task task(int topic) {
    return new Task(content(topic, 1), ARC, 5);
  }

  /** The first of a process, after others of the one before. */
  private static Content afterRestart(long lowest, long earlier) {
    PeerRef origin = new PeerRef(PEER, new Endpoint("host", 1), 6);
    byte[] payload = {1};
    return new Content(
        origin, Content.base(origin) + 1, lowest, earlier, 2, 0, 1, payload, new byte[] {3});
  }

  private static Content content(int topic, int parts) {
    long base = 6L << BroadcastConfig.BITS_PER_MILLISECOND;
    return new Content(
        new PeerRef(PEER, new Endpoint("host", 1), 6),
        topic == 0 ? -base - 7 : base + 7,
        topic == 0 ? -base - 7 : base + 3,
        0,
        topic,
        parts - 1,
        parts,
        new byte[] {1, 2},
        new byte[] {3});
  }

  private byte[] encode(WireMessage message) {
    WireWriter out = new WireWriter(16);
    codec.encode(message, out);
    return out.toBytes();
  }

  @Test
  void messagesComeBack() {
    for (WireMessage message : MESSAGES) {
      assertThat(codec.handles(message)).isTrue();
      WireMessage back = codec.decode(codec.typeOf(message), new WireReader(encode(message)));
      assertThat(back).usingRecursiveComparison().isEqualTo(message);
    }
  }

  @Test
  void numbersOfTheProcessBeforeEndWhereThoseOfThisOneBegin() {
    long base = 6L << BroadcastConfig.BITS_PER_MILLISECOND;
    assertRefused(afterRestart(0, 40));
    assertRefused(afterRestart(12, 0));
    assertRefused(afterRestart(12, 11));
    assertRefused(afterRestart(12, base + 1));
    assertRefused(afterRestart(base + 2, 0));
  }

  private void assertRefused(Content content) {
    Repair message = new Repair(content);
    assertThatThrownBy(() -> codec.decode(codec.typeOf(message), new WireReader(encode(message))))
        .isInstanceOf(WireException.class);
  }

  @Test
  void membershipGoesBeforeData() {
    assertThat(codec.channelOf(codec.typeOf(task(0)))).isEqualTo(Channel.CONTROL);
    assertThat(codec.channelOf(codec.typeOf(task(1)))).isEqualTo(Channel.REQUEST);
    assertThat(codec.channelOf(codec.typeOf(new Working(ID, ARC)))).isEqualTo(Channel.CONTROL);
  }

  @Property(tries = 2_000)
  void garbledFramesAreRefusedOrRead(
      @ForAll @IntRange(max = 15) int type, @ForAll @Size(max = 120) byte[] content) {
    read(FrameTypes.BROADCAST + type, content);
  }

  @Property(tries = 2_000)
  void changedFramesAreRefusedOrRead(
      @ForAll @IntRange(max = 13) int number, @ForAll @IntRange int place, @ForAll byte change) {
    WireMessage message = MESSAGES.get(number);
    byte[] frame = encode(message);
    frame[Math.floorMod(place, frame.length)] = change;
    read(codec.typeOf(message), frame);
    read(codec.typeOf(message), Arrays.copyOf(frame, Math.floorMod(place, frame.length)));
  }

  private void read(int type, byte[] content) {
    try {
      assertThat(codec.decode(type, new WireReader(content))).isInstanceOf(BroadcastMessage.class);
    } catch (WireException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }
}
