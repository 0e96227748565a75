// The registry's frames: there and back, and bytes that are none.
package dev.p2pkit.peer.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.overlay.machine.Channel;
import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.ServiceStatus;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RegistryCodecTest {
  private static final RegistryCodec CODEC = new RegistryCodec();
  private static final PeerId PEER = new PeerId(new Key(3, 4));
  private static final ServiceRecord RECORD =
      ServiceRecord.first(
          World.OWNER, "counter", "1", World.edition(World.archive(1, 90_000), "1"), 1_000);
  private static final ServiceStatus STATUS =
      new ServiceStatus(
          "counter",
          "1",
          3,
          "1.2",
          "ab".repeat(32),
          "0123456789abcdef",
          true,
          false,
          List.of(
              new ServiceStatus.OnPeer(
                  PEER, ServiceStatus.Phase.REVERTED, 2, "1.1", "cd".repeat(32), 7, "why", 42)));

  private static final List<RegistryMessage> ALL =
      List.of(
          new RegistryMessage.Digest(-5, 6),
          new RegistryMessage.Buckets(Collections.nCopies(Catalogue.BUCKETS, 9L)),
          new RegistryMessage.Inventory(1, -1, List.of(Catalogue.item(RECORD))),
          new RegistryMessage.Want(List.of(RECORD.hash())),
          new RegistryMessage.Pull(2, "counter"),
          new RegistryMessage.Records(3, true, false, 4, List.of(RECORD, RECORD)),
          new RegistryMessage.Prepare(
              4, RECORD, new Key(1, 2), 5, List.of(new PeerRef(PEER, new Endpoint("host", 80), 6))),
          new RegistryMessage.Accepted(7),
          new RegistryMessage.Prepared(8),
          new RegistryMessage.Refused(9, ErrorCode.MIGRATION_FAILED, "because"),
          new RegistryMessage.Commit(10),
          new RegistryMessage.Abort(11),
          new RegistryMessage.Active(
              12, ServiceStatus.Phase.ACTIVE, 13, "1.0", "ab".repeat(32), 14, ""),
          new RegistryMessage.StatusRequest(15, ""),
          new RegistryMessage.StatusReply(16, List.of(new RegistryMessage.Row(STATUS))));

  private static byte[] encode(WireMessage message) {
    WireWriter out = new WireWriter(64);
    CODEC.encode(message, out);
    return out.toBytes();
  }

  @Test
  void everyMessageComesBackAsItWas() {
    for (RegistryMessage message : ALL) {
      int type = CODEC.typeOf(message);
      assertThat(CODEC.decode(type, new WireReader(encode(message)))).isEqualTo(message);
      assertThat(type).isBetween(CODEC.firstType(), CODEC.lastType());
      assertThat(CODEC.handles(message)).isTrue();
    }
    assertThat(ALL.stream().map(CODEC::typeOf).distinct()).hasSize(ALL.size());
  }

  @Test
  void whatCanBeLongDoesNotTravelWithTheHeartbeats() {
    for (RegistryMessage message : ALL) {
      boolean lengthy =
          message instanceof RegistryMessage.Records
              || message instanceof RegistryMessage.Inventory
              || message instanceof RegistryMessage.Want
              || message instanceof RegistryMessage.StatusReply;
      assertThat(CODEC.channelOf(CODEC.typeOf(message)))
          .isEqualTo(lengthy ? Channel.REQUEST : Channel.CONTROL);
    }
  }

  @Test
  void everyPrefixIsRefused() {
    for (RegistryMessage message : ALL) {
      byte[] good = encode(message);
      for (int length = 0; length < good.length; length += length < 200 ? 1 : 101) {
        WireReader in = new WireReader(Arrays.copyOf(good, length));
        assertThatThrownBy(() -> CODEC.decode(CODEC.typeOf(message), in))
            .as("%s cut to %d", message.getClass().getSimpleName(), length)
            .isInstanceOf(WireException.class);
      }
    }
  }

  @Test
  void changedAndRandomBytesAreReadOrRefusedButNothingElse() {
    Random random = new Random(7);
    for (int round = 0; round < 20_000; round++) {
      RegistryMessage message = ALL.get(random.nextInt(ALL.size()));
      byte[] bytes = encode(message);
      if (round % 3 == 0) {
        bytes = new byte[random.nextInt(300)];
        random.nextBytes(bytes);
      } else {
        for (int change = 0; change <= random.nextInt(4); change++) {
          bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
      }
      try {
        CODEC.decode(CODEC.typeOf(message), new WireReader(bytes));
      } catch (WireException expected) {
        assertThat(expected.getMessage()).isNotEmpty();
      }
    }
  }

  @Test
  void hugeCountsAreRefusedBeforeAnythingIsAllocated() {
    byte[] inventory = new WireWriter(32).i64(1).i64(-1).i32(Integer.MAX_VALUE).i64(0).toBytes();
    assertThatThrownBy(
            () ->
                CODEC.decode(
                    CODEC.typeOf(new RegistryMessage.Inventory(0, 0, List.of())),
                    new WireReader(inventory)))
        .isInstanceOf(WireException.class)
        .hasMessageContaining("at most");
  }

  @Test
  void aLongDetailIsShortenedInItsMiddleRatherThanRefused() {
    assertThat(sent("ü".repeat(5_000))).startsWith("üüü").endsWith("üüü").contains(" … ");
    assertThat(sent("what is wrong: " + "\ud83d\ude00".repeat(5_000) + "; what to do"))
        .startsWith("what is wrong: ")
        .endsWith("; what to do")
        .doesNotContain("?");
    assertThat(sent("x".repeat(1_024))).as("as much as goes").hasSize(1_024);
  }

  private static String sent(String detail) {
    RegistryMessage.Refused refused = new RegistryMessage.Refused(1, ErrorCode.BAD_ARCHIVE, detail);
    WireMessage read = CODEC.decode(CODEC.typeOf(refused), new WireReader(encode(refused)));
    return ((RegistryMessage.Refused) read).detail();
  }
}
