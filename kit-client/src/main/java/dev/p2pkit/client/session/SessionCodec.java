// The messages of a session as frames.
package dev.p2pkit.client.session;

import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.client.session.SessionMessage.Call;
import dev.p2pkit.client.session.SessionMessage.Chunk;
import dev.p2pkit.client.session.SessionMessage.Close;
import dev.p2pkit.client.session.SessionMessage.Credit;
import dev.p2pkit.client.session.SessionMessage.Deliver;
import dev.p2pkit.client.session.SessionMessage.Done;
import dev.p2pkit.client.session.SessionMessage.Ended;
import dev.p2pkit.client.session.SessionMessage.Event;
import dev.p2pkit.client.session.SessionMessage.Failed;
import dev.p2pkit.client.session.SessionMessage.Feed;
import dev.p2pkit.client.session.SessionMessage.Install;
import dev.p2pkit.client.session.SessionMessage.Open;
import dev.p2pkit.client.session.SessionMessage.Opened;
import dev.p2pkit.client.session.SessionMessage.Progress;
import dev.p2pkit.client.session.SessionMessage.Query;
import dev.p2pkit.client.session.SessionMessage.Question;
import dev.p2pkit.client.session.SessionMessage.Resume;
import dev.p2pkit.client.session.SessionMessage.Show;
import dev.p2pkit.client.session.SessionMessage.Spread;
import dev.p2pkit.client.session.SessionMessage.Subscribe;
import dev.p2pkit.client.session.SessionMessage.TargetKind;
import dev.p2pkit.client.ticket.CallerProof;
import dev.p2pkit.overlay.machine.Channel;
import dev.p2pkit.overlay.machine.FrameTypes;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.SendOptions;
import java.util.Optional;

/** Encodes and decodes {@link SessionMessage}s: frame types 0x70 to 0x7F. */
public final class SessionCodec implements WireCodec {
  /** The version of the session protocol. */
  public static final int VERSION = 1;

  /** The largest body that is read, in bytes; a frame has room for it and its header. */
  public static final int MAX_BODY = (1 << 20) - 4_096;

  /** The longest life of a request, in microseconds: 10 minutes. */
  public static final long MAX_REMAINING_MICROS = 600_000_000L;

  private static final int MAX_DETAIL = 2_048;
  private static final int MAX_RECORD = ServiceRecord.MAX_BYTES;
  private static final int MAX_NAME = 512;
  private static final int MAX_CREDIT = 4_096;
  private static final int MAX_PART = 1_024;
  private static final int HASH_DIGITS = 64;

  /** In the place of a question's number. */
  private static final int PROOF = 0xFF;

  private static final int OPEN = FrameTypes.SESSION;
  private static final int OPENED = FrameTypes.SESSION + 1;
  private static final int CALL = FrameTypes.SESSION + 2;
  private static final int SPREAD = FrameTypes.SESSION + 3;
  private static final int QUERY = FrameTypes.SESSION + 4;
  private static final int SUBSCRIBE = FrameTypes.SESSION + 5;
  private static final int ENDED = FrameTypes.SESSION + 6;
  private static final int CREDIT = FrameTypes.SESSION + 7;
  private static final int INSTALL = FrameTypes.SESSION + 8;
  private static final int CHUNK = FrameTypes.SESSION + 9;
  private static final int PROGRESS = FrameTypes.SESSION + 10;
  private static final int DONE = FrameTypes.SESSION + 11;
  private static final int FAILED = FrameTypes.SESSION + 12;
  private static final int DELIVER = FrameTypes.SESSION + 13;
  private static final int EVENT = FrameTypes.SESSION + 14;
  private static final int CLOSE = FrameTypes.SESSION + 15;

  @Override
  public int firstType() {
    return FrameTypes.SESSION;
  }

  @Override
  public int lastType() {
    return FrameTypes.SESSION + FrameTypes.EACH - 1;
  }

  @Override
  public boolean handles(WireMessage message) {
    return message instanceof SessionMessage;
  }

  @Override
  public Channel channelOf(int type) {
    return type == CHUNK ? Channel.BULK : Channel.REQUEST;
  }

  @Override
  public int typeOf(WireMessage message) {
    if (message instanceof Call) {
      return CALL;
    } else if (message instanceof Done) {
      return DONE;
    } else if (message instanceof Deliver) {
      return DELIVER;
    } else if (message instanceof Credit) {
      return CREDIT;
    } else if (message instanceof Failed) {
      return FAILED;
    } else if (message instanceof Chunk) {
      return CHUNK;
    } else if (message instanceof Progress) {
      return PROGRESS;
    } else if (message instanceof Spread) {
      return SPREAD;
    } else if (message instanceof Query || message instanceof Show) {
      return QUERY;
    } else if (message instanceof Subscribe) {
      return SUBSCRIBE;
    } else if (message instanceof Ended) {
      return ENDED;
    } else if (message instanceof Install) {
      return INSTALL;
    } else if (message instanceof Event) {
      return EVENT;
    } else if (message instanceof Open) {
      return OPEN;
    } else if (message instanceof Opened) {
      return OPENED;
    } else if (message instanceof Close) {
      return CLOSE;
    }
    throw new IllegalArgumentException("not a session's message: " + message.getClass());
  }

  @Override
  public void encode(WireMessage message, WireWriter out) {
    if (message instanceof Call call) {
      out.i64(call.id())
          .i64(call.remainingMicros())
          .u8(call.kind().ordinal())
          .key(call.target())
          .text(call.accessPoint())
          .bool(call.rpc())
          .bool(call.enqueued())
          .bool(call.once())
          .text(call.version().orElse(""));
      MessageWire.write(call.body(), out);
    } else if (message instanceof Done done) {
      out.i64(done.id()).bool(done.last());
      ResultWire.write(done.result(), out);
    } else if (message instanceof Deliver deliver) {
      out.i64(deliver.subscription()).i64(deliver.number());
      MessageWire.write(deliver.message(), out);
    } else if (message instanceof Credit credit) {
      out.i64(credit.subscription()).i32(credit.credit()).i64(credit.acceptedUpTo());
    } else if (message instanceof Failed failed) {
      out.i64(failed.id())
          .text(failed.code().name())
          .text(MessageWire.cut(failed.detail(), MAX_DETAIL));
    } else if (message instanceof Chunk chunk) {
      out.i64(chunk.id()).i32(chunk.offset()).bytes(chunk.content());
    } else if (message instanceof Progress progress) {
      out.i64(progress.id()).i32(progress.received());
    } else if (message instanceof Spread spread) {
      out.i64(spread.id()).i64(spread.remainingMicros()).text(spread.accessPoint());
      out.text(spread.version().orElse(""));
      MessageWire.write(spread.body(), out);
    } else if (message instanceof Query query) {
      out.i64(query.id())
          .i64(query.remainingMicros())
          .u8(query.question().ordinal())
          .key(query.peer())
          .text(query.name())
          .text(query.instance());
    } else if (message instanceof Show show) {
      out.i64(show.id()).i64(show.remainingMicros()).u8(PROOF).bytes(show.proof());
    } else if (message instanceof Subscribe subscribe) {
      out.i64(subscribe.id())
          .i64(subscribe.subscription())
          .u8(subscribe.feed().ordinal())
          .text(subscribe.accessPoint())
          .i32(subscribe.credit());
    } else if (message instanceof Ended ended) {
      out.i64(ended.subscription()).bool(ended.code().isPresent());
      ended.code().ifPresent(code -> out.text(code.name()));
      out.text(MessageWire.cut(ended.detail(), MAX_DETAIL));
    } else if (message instanceof Install install) {
      out.i64(install.id())
          .i64(install.remainingMicros())
          .bytes(install.signedRecord())
          .text(install.hash())
          .i32(install.size());
    } else if (message instanceof Event event) {
      out.i64(event.subscription()).i64(event.number());
      MessageWire.write(event.event(), out);
    } else if (message instanceof Open open) {
      out.u16(open.version()).bool(open.resume().isPresent());
      open.resume().ifPresent(resume -> out.key(resume.session()).key(resume.token()));
    } else if (message instanceof Opened opened) {
      out.key(opened.session()).key(opened.token()).peer(opened.peer()).i32(opened.largestBody());
    } else if (message instanceof Close close) {
      out.text(close.code().name()).text(MessageWire.cut(close.detail(), MAX_DETAIL));
    }
  }

  @Override
  public SessionMessage decode(int type, WireReader in) {
    return switch (type) {
      case CALL ->
          new Call(
              id(in),
              remaining(in),
              pick(TargetKind.values(), in.u8()),
              in.key(),
              MessageWire.accessPoint(in),
              in.bool(),
              in.bool(),
              in.bool(),
              version(in),
              MessageWire.body(in, MAX_BODY));
      case DONE -> new Done(id(in), in.bool(), ResultWire.read(in, MAX_PART, MAX_BODY));
      case DELIVER -> new Deliver(id(in), id(in), MessageWire.readMessage(in, MAX_BODY));
      case CREDIT -> new Credit(id(in), credit(in.i32()), in.i64());
      case FAILED ->
          new Failed(id(in), ReportWire.constant(ErrorCode.class, in), in.text(MAX_DETAIL));
      case CHUNK -> new Chunk(id(in), size(in.i32()), in.bytes(Chunk.MAX_BYTES));
      case PROGRESS -> new Progress(id(in), size(in.i32()));
      case SPREAD ->
          new Spread(
              id(in),
              remaining(in),
              MessageWire.accessPoint(in),
              version(in),
              MessageWire.body(in, MAX_BODY));
      case QUERY -> query(in);
      case SUBSCRIBE -> subscribe(in);
      case ENDED ->
          new Ended(
              id(in),
              in.bool() ? Optional.of(ReportWire.constant(ErrorCode.class, in)) : Optional.empty(),
              in.text(MAX_DETAIL));
      case INSTALL ->
          new Install(id(in), remaining(in), in.bytes(MAX_RECORD), hash(in), size(in.i32()));
      case EVENT -> new Event(in.i64(), in.i64(), MessageWire.readEvent(in));
      case OPEN ->
          new Open(
              in.u16(), in.bool() ? Optional.of(new Resume(in.key(), in.key())) : Optional.empty());
      case OPENED -> new Opened(in.key(), in.key(), in.peer(), in.i32());
      case CLOSE -> new Close(ReportWire.constant(ErrorCode.class, in), in.text(MAX_DETAIL));
      default -> throw new WireException("a session has no frame of type " + type);
    };
  }

  private static Optional<String> version(WireReader in) {
    String version = in.text(SendOptions.MAX_VERSION);
    return version.isEmpty() ? Optional.empty() : Optional.of(version);
  }

  /** A question, or what takes the place of one: the types of the frames are all taken. */
  private static SessionMessage query(WireReader in) {
    long id = id(in);
    long remaining = remaining(in);
    int question = in.u8();
    return question == PROOF
        ? new Show(id, remaining, in.bytes(CallerProof.MAX_BYTES))
        : new Query(
            id,
            remaining,
            pick(Question.values(), question),
            in.key(),
            in.text(MAX_NAME),
            in.text(MAX_NAME));
  }

  private static Subscribe subscribe(WireReader in) {
    long id = id(in);
    long subscription = id(in);
    Feed feed = pick(Feed.values(), in.u8());
    String accessPoint = feed == Feed.EVENTS ? in.text(0) : MessageWire.accessPoint(in);
    return new Subscribe(id, subscription, feed, accessPoint, credit(in.i32()));
  }

  private static long id(WireReader in) {
    long id = in.i64();
    if (id == 0) {
      throw new WireException("an id is never 0");
    }
    return id;
  }

  private static long remaining(WireReader in) {
    long micros = in.i64();
    if (micros < 1 || micros > MAX_REMAINING_MICROS) {
      throw new WireException("a request lives for 1 µs to 10 minutes, not " + micros + " µs");
    }
    return micros;
  }

  private static int credit(int credit) {
    if (credit < 0 || credit > MAX_CREDIT) {
      throw new WireException("a credit lies between 0 and 4096, not " + credit);
    }
    return credit;
  }

  private static int size(int size) {
    if (size < 0 || size > Archive.MAX_BYTES) {
      throw new WireException(
          "an archive has at most " + Archive.MAX_BYTES + " bytes, not " + size);
    }
    return size;
  }

  private static String hash(WireReader in) {
    String hash = in.text(HASH_DIGITS);
    if (!hash.matches("[0-9a-f]{" + HASH_DIGITS + "}")) {
      throw new WireException("an archive is named by 64 hexadecimal digits");
    }
    return hash;
  }

  private static <E> E pick(E[] all, int index) {
    if (index >= all.length) {
      throw new WireException("this version knows " + all.length + " kinds, not number " + index);
    }
    return all[index];
  }
}
