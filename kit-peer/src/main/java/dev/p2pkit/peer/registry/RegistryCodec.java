// The frames of the registry.
package dev.p2pkit.peer.registry;

import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.overlay.machine.Channel;
import dev.p2pkit.overlay.machine.FrameTypes;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.peer.registry.RegistryMessage.Abort;
import dev.p2pkit.peer.registry.RegistryMessage.Accepted;
import dev.p2pkit.peer.registry.RegistryMessage.Active;
import dev.p2pkit.peer.registry.RegistryMessage.Buckets;
import dev.p2pkit.peer.registry.RegistryMessage.Commit;
import dev.p2pkit.peer.registry.RegistryMessage.Digest;
import dev.p2pkit.peer.registry.RegistryMessage.Health;
import dev.p2pkit.peer.registry.RegistryMessage.HealthItem;
import dev.p2pkit.peer.registry.RegistryMessage.Inventory;
import dev.p2pkit.peer.registry.RegistryMessage.Item;
import dev.p2pkit.peer.registry.RegistryMessage.Prepare;
import dev.p2pkit.peer.registry.RegistryMessage.Prepared;
import dev.p2pkit.peer.registry.RegistryMessage.Pull;
import dev.p2pkit.peer.registry.RegistryMessage.Records;
import dev.p2pkit.peer.registry.RegistryMessage.Refused;
import dev.p2pkit.peer.registry.RegistryMessage.Row;
import dev.p2pkit.peer.registry.RegistryMessage.StatusReply;
import dev.p2pkit.peer.registry.RegistryMessage.StatusRequest;
import dev.p2pkit.peer.registry.RegistryMessage.Want;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.ServiceStatus;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Supplier;

/**
 * Turns the registry's messages into frames. What can be long travels with the requests, so that it
 * does not hold up heartbeats.
 */
public final class RegistryCodec implements WireCodec {
  /** The most records that a peer keeps, with room for those that a peer with more might name. */
  static final int MAX_ITEMS = 12_000;

  /** How many bytes of records go into one frame. */
  static final int MAX_RECORDS_BYTES = 256 << 10;

  static final int MAX_ROWS = 1024;
  static final int MAX_HOLDERS = 16;

  /** How many reports on staged roll-outs go into one frame: a report has less than 1 KiB. */
  static final int MAX_HEALTH = 1_024;

  static final int MAX_DETAIL = 1024;

  /** Where many rows go into one frame, the details of each are shorter. */
  private static final int MAX_ROW_DETAIL = 384;

  private static final int MANY_ROWS = 64;

  private static final String LEFT_OUT = " … ";

  private static final int MAX_NAME = 160;
  private static final int HASH_BYTES = 32;

  /** In the order of their frame types. */
  private static final List<Class<? extends RegistryMessage>> TYPES =
      List.of(
          Digest.class,
          Buckets.class,
          Inventory.class,
          Want.class,
          Pull.class,
          Records.class,
          Prepare.class,
          Accepted.class,
          Prepared.class,
          Refused.class,
          Commit.class,
          Abort.class,
          Active.class,
          StatusRequest.class,
          StatusReply.class,
          Health.class);

  @Override
  public int firstType() {
    return FrameTypes.REGISTRY;
  }

  @Override
  public int lastType() {
    return FrameTypes.REGISTRY + FrameTypes.EACH - 1;
  }

  @Override
  public boolean handles(WireMessage message) {
    return message instanceof RegistryMessage;
  }

  @Override
  public int typeOf(WireMessage message) {
    return FrameTypes.REGISTRY + TYPES.indexOf(message.getClass());
  }

  @Override
  public Channel channelOf(int type) {
    int index = type - FrameTypes.REGISTRY;
    Class<?> message = index >= 0 && index < TYPES.size() ? TYPES.get(index) : Digest.class;
    boolean lengthy =
        message == Inventory.class
            || message == Want.class
            || message == Records.class
            || message == StatusReply.class
            || message == Health.class;
    return lengthy ? Channel.REQUEST : Channel.CONTROL;
  }

  @Override
  public void encode(WireMessage message, WireWriter out) {
    if (message instanceof Digest digest) {
      out.i64(digest.digest()).i64(digest.health());
    } else if (message instanceof Buckets buckets) {
      buckets.digests().forEach(out::i64);
    } else if (message instanceof Inventory inventory) {
      out.i64(inventory.sync()).i64(inventory.buckets()).i32(inventory.items().size());
      inventory
          .items()
          .forEach(
              item ->
                  hex(out.i64(item.chain()).i32(item.generation()).i64(item.epoch()), item.hash()));
    } else if (message instanceof Want want) {
      out.i32(want.hashes().size());
      want.hashes().forEach(hash -> hex(out, hash));
    } else if (message instanceof Pull pull) {
      out.i64(pull.sync()).text(pull.accessPoint());
    } else if (message instanceof Records records) {
      out.i64(records.sync()).bool(records.last()).bool(records.caughtUp()).i64(records.health());
      out.i32(records.records().size());
      records.records().forEach(record -> out.bytes(record.encoded()));
    } else if (message instanceof StatusReply reply) {
      out.i64(reply.query()).i32(reply.rows().size());
      int mostDetail = reply.rows().size() <= MANY_ROWS ? MAX_DETAIL : MAX_ROW_DETAIL;
      reply.rows().forEach(row -> encodeRow(row.status(), mostDetail, out));
    } else if (message instanceof Health health) {
      out.bool(health.complete());
      items(out, health.known());
      items(out, health.wanted());
      out.i32(health.reports().size());
      health.reports().forEach(report -> report.encode(out));
    } else if (message instanceof StatusRequest request) {
      out.i64(request.query()).text(request.accessPoint());
    } else {
      encodeRollout(message, out);
    }
  }

  private static void encodeRollout(WireMessage message, WireWriter out) {
    if (message instanceof Prepare prepare) {
      out.i64(prepare.rollout()).bytes(prepare.record().encoded()).key(prepare.grant());
      out.i64(prepare.life()).i32(prepare.holders().size());
      prepare.holders().forEach(out::ref);
    } else if (message instanceof Accepted accepted) {
      out.i64(accepted.rollout());
    } else if (message instanceof Prepared prepared) {
      out.i64(prepared.rollout());
    } else if (message instanceof Refused refused) {
      out.i64(refused.rollout())
          .errorCode(refused.code())
          .text(shorten(refused.detail(), MAX_DETAIL));
    } else if (message instanceof Commit commit) {
      out.i64(commit.rollout());
    } else if (message instanceof Abort abort) {
      out.i64(abort.rollout());
    } else if (message instanceof Active active) {
      out.i64(active.rollout()).u8(active.phase().ordinal()).i64(active.epoch());
      out.text(active.version()).text(active.archive()).i64(active.millis());
      out.text(shorten(active.detail(), MAX_DETAIL));
    } else {
      throw new IllegalArgumentException("not a message of the registry: " + message);
    }
  }

  private static void encodeRow(ServiceStatus status, int mostDetail, WireWriter out) {
    ServiceStatus.OnPeer peer = status.peers().get(0);
    out.text(status.name()).text(status.instance()).i64(status.epoch()).text(status.version());
    out.text(status.archive()).text(status.owner());
    out.bool(status.upgradeable()).bool(status.sharable());
    out.peer(peer.peer()).u8(peer.phase().ordinal()).i64(peer.epoch());
    out.text(peer.version()).text(peer.archive()).i64(peer.millis());
    out.text(shorten(peer.detail(), mostDetail)).i64(peer.registry());
  }

  @Override
  public WireMessage decode(int type, WireReader in) {
    int index = type - FrameTypes.REGISTRY;
    if (index < 0 || index >= TYPES.size()) {
      throw new WireException("an unknown frame of the registry: " + type);
    }
    return switch (index) {
      case 0 -> new Digest(in.i64(), in.i64());
      case 1 -> new Buckets(list(Catalogue.BUCKETS, in::i64));
      case 2 -> {
        long sync = in.i64();
        long buckets = in.i64();
        int count = in.count(MAX_ITEMS, 20 + HASH_BYTES);
        yield new Inventory(
            sync, buckets, list(count, () -> new Item(in.i64(), in.i32(), in.i64(), hex(in))));
      }
      case 3 -> new Want(list(in.count(MAX_ITEMS, HASH_BYTES), () -> hex(in)));
      case 4 -> new Pull(in.i64(), in.text(MAX_NAME));
      case 5 -> {
        long sync = in.i64();
        boolean last = in.bool();
        boolean caughtUp = in.bool();
        long health = in.i64();
        int count = in.count(MAX_ITEMS, 4);
        yield new Records(sync, last, caughtUp, health, list(count, () -> record(in)));
      }
      case 6 -> {
        long rollout = id(in);
        ServiceRecord record = record(in);
        var grant = in.key();
        long life = in.i64();
        List<PeerRef> holders = list(in.count(MAX_HOLDERS, 16), in::ref);
        yield new Prepare(rollout, record, grant, life, holders);
      }
      case 7 -> new Accepted(id(in));
      case 8 -> new Prepared(id(in));
      case 9 -> new Refused(id(in), in.errorCode(ErrorCode.PROTOCOL_ERROR), in.text(MAX_DETAIL));
      case 10 -> new Commit(id(in));
      case 11 -> new Abort(id(in));
      case 12 ->
          new Active(
              id(in),
              phase(in),
              in.i64(),
              in.text(MAX_NAME),
              in.text(64),
              in.i64(),
              in.text(MAX_DETAIL));
      case 13 -> new StatusRequest(id(in), in.text(MAX_NAME));
      case 14 -> new StatusReply(id(in), list(in.count(MAX_ROWS, 64), () -> row(in)));
      default ->
          new Health(
              in.bool(),
              items(in),
              items(in),
              list(in.count(MAX_HEALTH, 160), () -> HealthReport.decode(in)));
    };
  }

  private static void items(WireWriter out, List<HealthItem> items) {
    out.i32(items.size());
    items.forEach(item -> out.i64(item.chain()).peer(item.peer()).i64(item.stamp()));
  }

  private static List<HealthItem> items(WireReader in) {
    return list(in.count(MAX_HEALTH, 32), () -> new HealthItem(in.i64(), in.peer(), in.i64()));
  }

  private static Row row(WireReader in) {
    String name = in.text(MAX_NAME);
    String instance = in.text(MAX_NAME);
    long epoch = in.i64();
    String version = in.text(MAX_NAME);
    String archive = in.text(64);
    String owner = in.text(64);
    boolean upgradeable = in.bool();
    boolean sharable = in.bool();
    ServiceStatus.OnPeer peer =
        new ServiceStatus.OnPeer(
            in.peer(),
            phase(in),
            in.i64(),
            in.text(MAX_NAME),
            in.text(64),
            in.i64(),
            in.text(MAX_DETAIL),
            in.i64());
    return new Row(
        new ServiceStatus(
            name, instance, epoch, version, archive, owner, upgradeable, sharable, List.of(peer)));
  }

  private static <T> List<T> list(int count, Supplier<T> one) {
    List<T> list = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      list.add(one.get());
    }
    return list;
  }

  private static ServiceRecord record(WireReader in) {
    return ServiceRecord.decode(in.bytes(ServiceRecord.MAX_BYTES));
  }

  private static long id(WireReader in) {
    long id = in.i64();
    if (id == 0) {
      throw new WireException("a request's id is never 0");
    }
    return id;
  }

  private static ServiceStatus.Phase phase(WireReader in) {
    int ordinal = in.u8();
    ServiceStatus.Phase[] phases = ServiceStatus.Phase.values();
    if (ordinal >= phases.length) {
      throw new WireException("an unknown phase of a service: " + ordinal);
    }
    return phases[ordinal];
  }

  /** What is too long keeps its begin, what is wrong, and its end, what to do about it. */
  private static String shorten(String detail, int bytes) {
    if (detail.length() <= bytes / 3 || bytes(detail) <= bytes) {
      return detail;
    }
    int each = (bytes - bytes(LEFT_OUT)) / 2;
    int head = 0;
    for (int taken = 0; taken + bytes(detail.codePointAt(head)) <= each; ) {
      taken += bytes(detail.codePointAt(head));
      head = detail.offsetByCodePoints(head, 1);
    }
    int tail = detail.length();
    for (int taken = 0; taken + bytes(detail.codePointBefore(tail)) <= each; ) {
      taken += bytes(detail.codePointBefore(tail));
      tail = detail.offsetByCodePoints(tail, -1);
    }
    return detail.substring(0, head) + LEFT_OUT + detail.substring(tail);
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  private static int bytes(int codePoint) {
    return bytes(Character.toString(codePoint));
  }

  private static void hex(WireWriter out, String digits) {
    byte[] bytes = HexFormat.of().parseHex(digits);
    out.raw(bytes, 0, bytes.length);
  }

  private static String hex(WireReader in) {
    byte[] bytes = new byte[HASH_BYTES];
    for (int i = 0; i < HASH_BYTES; i++) {
      bytes[i] = (byte) in.u8();
    }
    return HexFormat.of().formatHex(bytes);
  }
}
