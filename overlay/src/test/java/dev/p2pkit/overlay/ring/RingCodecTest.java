// The frames of the ring: there and back, and bytes that are none.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.p2pkit.overlay.broadcast.BroadcastDigest;
import dev.p2pkit.overlay.lease.LeaseMessage;
import dev.p2pkit.overlay.lease.Renewal;
import dev.p2pkit.overlay.lease.RenewalAnswer;
import dev.p2pkit.overlay.machine.Channel;
import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.FrameTypes;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.overlay.ring.MemberNews.Kind;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RingCodecTest {
  private static final List<WireCodec> CODECS = RingMachine.codecs();

  private static PeerRef peer(int number) {
    return new PeerRef(
        new PeerId(new Key(number * 0x9E3779B97F4A7C15L, ~number)),
        new Endpoint("host-" + number + ".example", 1 + number),
        1_700_000_000_000L + number);
  }

  private static final Renewal RENEWAL =
      new Renewal(77, peer(4).id(), 3, 3, 2, 5, 1_700_000_000_000L);

  private static final TableNotice TABLE = new TableNotice(3, 13, 1_000_000, -5);

  private static final LeaseMessage.Arc ARC =
      new LeaseMessage.Arc(
          peer(3).id(),
          4,
          new LeaseMessage.Before(5, Optional.of(peer(2).id()), 6, 7, 8, 9, 10),
          1_700_000_000_000L,
          9,
          Optional.of(new LeaseMessage.Memory(7, 2, new byte[] {1, 2, 3})));

  private static final LeaseMessage.Arc UNKNOWN_BEFORE =
      new LeaseMessage.Arc(
          peer(3).id(),
          4,
          new LeaseMessage.Before(0, Optional.empty(), 0, 0, 1, 0, 0),
          1,
          0,
          Optional.empty());

  private static final RenewalAnswer GRANTED = RenewalAnswer.of(RenewalAnswer.Verdict.GRANTED, 77);

  private static List<PeerRef> peers(int count) {
    return IntStream.range(0, count).mapToObj(RingCodecTest::peer).toList();
  }

  private static List<MembershipMessage.Told> told(List<MemberNews> news) {
    return news.stream().map(each -> new MembershipMessage.Told(each, 1 + news.size())).toList();
  }

  private static List<MemberNews> news(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> new MemberNews(Kind.values()[i % 3], peer(i), i))
        .toList();
  }

  private static List<MemberNews> unusualNews() {
    PeerRef peer = peer(5);
    return Stream.of("10.0.0.1", "255.255.255.255", "256.1.1.1", "1.2.3", "01.2.3.4", "::1", "a.b")
        .map(host -> new PeerRef(peer.id(), new Endpoint(host, 65_535), -1))
        .flatMap(
            ref ->
                Stream.of(MemberNews.alive(ref, 0), new MemberNews(Kind.FAILED, ref, 7).inShort()))
        .toList();
  }

  static Stream<WireMessage> messages() {
    return Stream.of(
        new RingMessage.Stabilise(
            7, 1, -2, 3, peers(8), TABLE, new BroadcastDigest(3, -6), RENEWAL),
        new RingMessage.Stabilise(7, 1, -2, 3, List.of(), TABLE, BroadcastDigest.NONE, RENEWAL),
        new RingMessage.StabiliseAnswer(
            7, 0, Optional.of(peer(3)), 9, peers(16), 4, TABLE, new BroadcastDigest(1, 6), GRANTED),
        new RingMessage.StabiliseAnswer(
            7, 0, Optional.empty(), 9, List.of(), 4, TABLE, BroadcastDigest.NONE, GRANTED),
        new RingMessage.StabiliseBusy(Long.MAX_VALUE, GRANTED),
        new RingMessage.NotMember(Long.MIN_VALUE),
        new RingMessage.Accused(peer(4), 12),
        new RingMessage.JoinRequest(),
        new RingMessage.JoinRedirect(peer(9), peer(4)),
        new RingMessage.JoinBusy(),
        new RingMessage.JoinBusy(250_000),
        new RingMessage.JoinRefused(ErrorCode.ADDRESS_IN_USE, "in use; choose another"),
        new RingMessage.JoinAccept(2, peers(9), peers(16), TABLE, 3),
        new RingMessage.Snapshot(2, news(512)),
        new RingMessage.JoinDone(4),
        new RingMessage.Leave(1, peers(8), peers(16), Optional.empty()),
        new RingMessage.Leave(1, peers(8), peers(16), Optional.of(ARC)),
        new LeaseMessage.Renew(RENEWAL),
        new LeaseMessage.Renewed(GRANTED),
        new LeaseMessage.Renewed(new RenewalAnswer(RenewalAnswer.Verdict.LAPSED, 78, 9)),
        new LeaseMessage.Ask(),
        new LeaseMessage.Admit(7, ARC),
        new LeaseMessage.Admit(7, UNKNOWN_BEFORE),
        new LeaseMessage.Circle(peer(1).id(), 8, 3, true, RENEWAL),
        new LeaseMessage.CircleClosed(9),
        new LeaseMessage.MemoryPart(4, 3, peer(1).id(), peer(2).id(), new byte[] {4, 5}),
        new LeaseMessage.MemoryTaken(4, 3, true),
        new LeaseMessage.Declined(Long.MIN_VALUE / 2),
        new RingMessage.LeaveAnswer(),
        Relay.of(peer(1), peer(2).id(), peer(3), 4, 5, 0xA0, new byte[] {6, 7})
            .sealed(new byte[] {8, 9}),
        new MembershipMessage.HashOffer(TABLE),
        new MembershipMessage.Records(
            8, 0, BitSet.valueOf(new long[] {1, -2, 3, Long.MIN_VALUE}), news(5)),
        new MembershipMessage.Records(16, 65_535, new BitSet(), List.of()),
        new MembershipMessage.Events(9, EventLanes.Direction.CLOCKWISE, false, told(news(5))),
        new MembershipMessage.Events(
            -9,
            EventLanes.Direction.COUNTER_CLOCKWISE,
            false,
            List.of(
                new MembershipMessage.Told(news(1).get(0).inShort(), 0),
                new MembershipMessage.Told(news(1).get(0), 127),
                new MembershipMessage.Told(news(1).get(0), 128),
                new MembershipMessage.Told(news(1).get(0), Integer.MAX_VALUE))),
        new MembershipMessage.Events(
            1,
            EventLanes.Direction.CLOCKWISE,
            true,
            unusualNews().stream().map(news -> new MembershipMessage.Told(news, 0)).toList()),
        new MembershipMessage.EventsTaken(8),
        new MembershipMessage.ContactRequest(5, peer(6).id().position(), 4),
        new MembershipMessage.ContactAnswer(5, peers(4)),
        new MembershipMessage.Probe(1),
        new MembershipMessage.ProbeAnswer(2),
        new MembershipMessage.WitnessRequest(3, peer(1)),
        new MembershipMessage.WitnessAnswer(4, peer(1), MembershipMessage.Finding.SILENT),
        new MembershipMessage.WitnessAnswer(4, peer(1), MembershipMessage.Finding.UNSURE),
        new MergeMessage.Hail(peer(0), true),
        new MergeMessage.HailAnswer(peer(0), peer(7), false),
        new MergeMessage.Foreign(peer(2), true),
        new MergeMessage.TablePull(-1, Speaker.MOST_PARTS - 1),
        new MergeMessage.TablePart(7, 1, 2, news(Speaker.NEWS_PER_PART)));
  }

  private static WireCodec codecOf(WireMessage message) {
    return CODECS.stream().filter(codec -> codec.handles(message)).findFirst().orElseThrow();
  }

  private static byte[] encode(WireMessage message) {
    WireWriter out = new WireWriter(16);
    codecOf(message).encode(message, out);
    return out.toBytes();
  }

  @ParameterizedTest
  @MethodSource("messages")
  void aMessageComesBackAsItWas(WireMessage message) {
    WireCodec codec = codecOf(message);
    int type = codec.typeOf(message);
    assertThat(type).isBetween(codec.firstType(), codec.lastType());
    // What an arc's memory takes must not hold up a heartbeat.
    boolean memory = message instanceof LeaseMessage.MemoryPart;
    assertThat(codec.channelOf(type)).isEqualTo(memory ? Channel.BULK : Channel.CONTROL);
    assertThat(codec.decode(type, new WireReader(encode(message))))
        .usingRecursiveComparison()
        .isEqualTo(message);
  }

  @ParameterizedTest
  @MethodSource("messages")
  void countingABodyWithoutWritingItGivesItsLength(WireMessage message) {
    WireWriter counter = WireWriter.counting();
    codecOf(message).encode(message, counter);
    assertThat(counter.size()).isEqualTo(encode(message).length);
  }

  @Test
  void hashesOfArcsComeBackAsTheyWere() {
    int[] hashes = new SplittableRandom(1).ints(200).toArray();
    BitSet blocks = new BitSet();
    blocks.set(40, 240);
    WireMessage message = new MembershipMessage.BlockHashes(8, 3, blocks, hashes, true);
    WireCodec codec = codecOf(message);
    WireMessage back = codec.decode(codec.typeOf(message), new WireReader(encode(message)));
    assertThat(((MembershipMessage.BlockHashes) back).hashes()).isEqualTo(hashes);
    assertThat(((MembershipMessage.BlockHashes) back).blocks()).isEqualTo(blocks);
  }

  @ParameterizedTest
  @MethodSource("messages")
  void fieldsOfALaterVersionAreIgnored(WireMessage message) {
    WireCodec codec = codecOf(message);
    byte[] longer = Arrays.copyOf(encode(message), encode(message).length + 9);
    assertThat(codec.decode(codec.typeOf(message), new WireReader(longer)))
        .usingRecursiveComparison()
        .isEqualTo(message);
  }

  @ParameterizedTest
  @MethodSource("messages")
  void aMessageThatEndsTooEarlyIsRefused(WireMessage message) {
    WireCodec codec = codecOf(message);
    byte[] bytes = encode(message);
    for (int length = 0; length < bytes.length; length++) {
      WireReader cut = new WireReader(bytes, 0, length);
      assertThatThrownBy(() -> codec.decode(codec.typeOf(message), cut))
          .isInstanceOf(WireException.class);
    }
  }

  @Test
  void damagedAndRandomBytesAreRefusedAndNothingElse() {
    SplittableRandom random = new SplittableRandom(4);
    List<WireMessage> all = new ArrayList<>(messages().toList());
    int refused = 0;
    for (int round = 0; round < 50_000; round++) {
      WireMessage message = all.get(random.nextInt(all.size()));
      byte[] bytes = encode(message);
      if (random.nextInt(4) == 0 || bytes.length == 0) {
        bytes = new byte[random.nextInt(200)];
        random.nextBytes(bytes);
      } else {
        for (int i = 0; i <= random.nextInt(4); i++) {
          bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
      }
      WireCodec codec = codecOf(message);
      int type = codec.firstType() + random.nextInt(FrameTypes.EACH);
      try {
        codec.decode(type, new WireReader(bytes));
      } catch (WireException expected) {
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(10_000);
  }

  /** So many parts with as many news as fit into a frame would take a gibibyte. */
  @Test
  void aPartOfATableHasNoMoreNewsThanItsSenderPutsThere() {
    WireMessage part = new MergeMessage.TablePart(7, 1, 2, news(Speaker.NEWS_PER_PART + 1));
    byte[] body = encode(part);
    WireCodec codec = codecOf(part);
    assertThatThrownBy(() -> codec.decode(codec.typeOf(part), new WireReader(body)))
        .isInstanceOf(WireException.class);
  }

  @Test
  void aDeclaredLengthIsCheckedBeforeAnythingIsAllocated() {
    WireWriter out = new WireWriter(64);
    out.i64(1).u8(0).i64(0).i64(0).i32(Integer.MAX_VALUE);
    assertThatThrownBy(() -> new RingCodec().decode(FrameTypes.RING, new WireReader(out.toBytes())))
        .isInstanceOf(WireException.class)
        .hasMessageContaining("at most 64");
  }
}
