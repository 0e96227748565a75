// The frames of the ring: pointers, joining, leaving.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.broadcast.BroadcastDigest;
import dev.p2pkit.overlay.lease.LeaseCodec;
import dev.p2pkit.overlay.lease.Renewal;
import dev.p2pkit.overlay.lease.RenewalAnswer;
import dev.p2pkit.overlay.machine.Channel;
import dev.p2pkit.overlay.machine.FrameTypes;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.overlay.ring.RingMessage.Accused;
import dev.p2pkit.overlay.ring.RingMessage.JoinAccept;
import dev.p2pkit.overlay.ring.RingMessage.JoinBusy;
import dev.p2pkit.overlay.ring.RingMessage.JoinDone;
import dev.p2pkit.overlay.ring.RingMessage.JoinRedirect;
import dev.p2pkit.overlay.ring.RingMessage.JoinRefused;
import dev.p2pkit.overlay.ring.RingMessage.JoinRequest;
import dev.p2pkit.overlay.ring.RingMessage.Leave;
import dev.p2pkit.overlay.ring.RingMessage.LeaveAnswer;
import dev.p2pkit.overlay.ring.RingMessage.NotMember;
import dev.p2pkit.overlay.ring.RingMessage.Snapshot;
import dev.p2pkit.overlay.ring.RingMessage.Stabilise;
import dev.p2pkit.overlay.ring.RingMessage.StabiliseAnswer;
import dev.p2pkit.overlay.ring.RingMessage.StabiliseBusy;
import dev.p2pkit.sdk.ErrorCode;
import java.util.List;
import java.util.Optional;

/** The frames of the ring, types {@link FrameTypes#RING} and up. */
public final class RingCodec implements WireCodec {
  private static final int STABILISE = FrameTypes.RING;
  private static final int STABILISE_ANSWER = FrameTypes.RING + 1;
  private static final int STABILISE_BUSY = FrameTypes.RING + 2;
  private static final int NOT_MEMBER = FrameTypes.RING + 3;
  private static final int ACCUSED = FrameTypes.RING + 4;
  private static final int JOIN_REQUEST = FrameTypes.RING + 5;
  private static final int JOIN_REDIRECT = FrameTypes.RING + 6;
  private static final int JOIN_BUSY = FrameTypes.RING + 7;
  private static final int JOIN_REFUSED = FrameTypes.RING + 8;
  private static final int JOIN_ACCEPT = FrameTypes.RING + 9;
  private static final int SNAPSHOT = FrameTypes.RING + 10;
  private static final int JOIN_DONE = FrameTypes.RING + 11;
  private static final int LEAVE = FrameTypes.RING + 12;
  private static final int LEAVE_ANSWER = FrameTypes.RING + 13;

  private static final int LONGEST_DETAIL = 1_000;
  private static final int MOST_SNAPSHOTS = 65_536;

  /** Whether frames of this type belong to the admission of a newcomer. */
  static boolean isAdmission(int type) {
    return type >= JOIN_REQUEST && type <= JOIN_DONE;
  }

  @Override
  public int firstType() {
    return FrameTypes.RING;
  }

  @Override
  public int lastType() {
    return FrameTypes.RING + FrameTypes.EACH - 1;
  }

  @Override
  public boolean handles(WireMessage message) {
    return message instanceof RingMessage;
  }

  @Override
  public int typeOf(WireMessage message) {
    if (message instanceof Stabilise) {
      return STABILISE;
    } else if (message instanceof StabiliseAnswer) {
      return STABILISE_ANSWER;
    } else if (message instanceof StabiliseBusy) {
      return STABILISE_BUSY;
    } else if (message instanceof NotMember) {
      return NOT_MEMBER;
    } else if (message instanceof Accused) {
      return ACCUSED;
    } else if (message instanceof JoinRequest) {
      return JOIN_REQUEST;
    } else if (message instanceof JoinRedirect) {
      return JOIN_REDIRECT;
    } else if (message instanceof JoinBusy) {
      return JOIN_BUSY;
    } else if (message instanceof JoinRefused) {
      return JOIN_REFUSED;
    } else if (message instanceof JoinAccept) {
      return JOIN_ACCEPT;
    } else if (message instanceof Snapshot) {
      return SNAPSHOT;
    } else if (message instanceof JoinDone) {
      return JOIN_DONE;
    } else if (message instanceof Leave) {
      return LEAVE;
    } else if (message instanceof LeaveAnswer) {
      return LEAVE_ANSWER;
    }
    throw new IllegalArgumentException("no message of the ring: " + message);
  }

  @Override
  public Channel channelOf(int type) {
    return Channel.CONTROL;
  }

  @Override
  public void encode(WireMessage message, WireWriter out) {
    if (message instanceof Stabilise m) {
      RingFields.refutation(out.i64(m.sequence()), m.refutation());
      out.i64(m.listKnown()).i64(m.predecessorsDigest());
      RingFields.neighbours(out, m.predecessors());
      m.table().write(out);
      m.broadcasts().write(out);
      m.renewal().write(out);
    } else if (message instanceof StabiliseAnswer m) {
      RingFields.refutation(out.i64(m.sequence()), m.refutation());
      out.bool(m.predecessor().isPresent());
      m.predecessor().ifPresent(out::ref);
      out.i64(m.listDigest());
      RingFields.neighbours(out, m.successors());
      out.i64(m.predecessorsHeld());
      m.table().write(out);
      m.broadcasts().write(out);
      m.granted().write(out);
    } else if (message instanceof StabiliseBusy m) {
      out.i64(m.sequence());
      m.granted().write(out);
    } else if (message instanceof NotMember m) {
      out.i64(m.sequence());
    } else if (message instanceof Accused m) {
      RingFields.refutation(out.ref(m.process()), m.refutation());
    } else if (message instanceof JoinRedirect m) {
      out.ref(m.to()).ref(m.after());
    } else if (message instanceof JoinBusy m) {
      out.i64(m.pause());
    } else if (message instanceof JoinRefused m) {
      out.errorCode(m.code()).text(m.detail());
    } else if (message instanceof JoinAccept m) {
      RingFields.refutation(out, m.refutation());
      RingFields.neighbours(out, m.predecessors());
      RingFields.neighbours(out, m.successors());
      m.table().write(out);
      out.i32(m.snapshots());
    } else if (message instanceof Snapshot m) {
      out.i32(m.index());
      RingFields.news(out, m.members());
    } else if (message instanceof JoinDone m) {
      RingFields.refutation(out, m.refutation());
    } else if (message instanceof Leave m) {
      RingFields.refutation(out, m.refutation());
      RingFields.neighbours(out, m.predecessors());
      RingFields.neighbours(out, m.successors());
      out.bool(m.arc().isPresent());
      m.arc().ifPresent(arc -> LeaseCodec.write(out, arc));
    }
  }

  @Override
  public WireMessage decode(int type, WireReader in) {
    return switch (type) {
      case STABILISE ->
          new Stabilise(
              in.i64(),
              RingFields.refutation(in),
              in.i64(),
              in.i64(),
              RingFields.neighbours(in),
              TableNotice.read(in),
              BroadcastDigest.read(in),
              Renewal.read(in));
      case STABILISE_ANSWER -> {
        long sequence = in.i64();
        long refutation = RingFields.refutation(in);
        Optional<PeerRef> predecessor = in.bool() ? Optional.of(in.ref()) : Optional.empty();
        long digest = in.i64();
        List<PeerRef> successors = RingFields.neighbours(in);
        yield new StabiliseAnswer(
            sequence,
            refutation,
            predecessor,
            digest,
            successors,
            in.i64(),
            TableNotice.read(in),
            BroadcastDigest.read(in),
            RenewalAnswer.read(in));
      }
      case STABILISE_BUSY -> new StabiliseBusy(in.i64(), RenewalAnswer.read(in));
      case NOT_MEMBER -> new NotMember(in.i64());
      case ACCUSED -> new Accused(in.ref(), RingFields.refutation(in));
      case JOIN_REQUEST -> new JoinRequest();
      case JOIN_REDIRECT -> new JoinRedirect(in.ref(), in.ref());
      case JOIN_BUSY -> new JoinBusy(pause(in));
      case JOIN_REFUSED ->
          new JoinRefused(in.errorCode(ErrorCode.NO_ROUTE), in.text(LONGEST_DETAIL));
      case JOIN_ACCEPT -> {
        long refutation = RingFields.refutation(in);
        List<PeerRef> predecessors = RingFields.neighbours(in);
        List<PeerRef> successors = RingFields.neighbours(in);
        TableNotice table = TableNotice.read(in);
        int snapshots = in.i32();
        if (snapshots < 1 || snapshots > MOST_SNAPSHOTS) {
          throw new WireException("a table does not come in " + snapshots + " parts");
        }
        yield new JoinAccept(refutation, predecessors, successors, table, snapshots);
      }
      case SNAPSHOT -> {
        int index = in.i32();
        if (index < 0 || index >= MOST_SNAPSHOTS) {
          throw new WireException("a table has no part " + index);
        }
        yield new Snapshot(index, RingFields.news(in));
      }
      case JOIN_DONE -> new JoinDone(RingFields.refutation(in));
      case LEAVE ->
          new Leave(
              RingFields.refutation(in),
              RingFields.neighbours(in),
              RingFields.neighbours(in),
              in.bool() ? Optional.of(LeaseCodec.readArc(in)) : Optional.empty());
      case LEAVE_ANSWER -> new LeaveAnswer();
      default -> throw new WireException("unknown message of the ring, type " + type);
    };
  }

  private static long pause(WireReader in) {
    long pause = in.i64();
    if (pause < 0 || pause > JoinBusy.MOST_PAUSE) {
      throw new WireException("nobody is asked to wait " + pause + " microseconds");
    }
    return pause;
  }
}
