// How the new version of a staged roll-out does on one peer, signed by that peer.
package dev.p2pkit.peer.registry;

import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.client.record.Wave;
import dev.p2pkit.overlay.broadcast.BroadcastSeals;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.peer.registry.Deployment.Tally;
import dev.p2pkit.sdk.PeerId;
import java.util.Comparator;
import java.util.HexFormat;

/**
 * What a peer says of itself. Others hand it on; the seal shows that it comes from that peer.
 *
 * @param peer who says it
 * @param chain of which service
 * @param archive of which version, 64 hexadecimal digits
 * @param state how far it came there
 * @param wave in which wave the peer was
 * @param since when the peer first had this to say of its state, by its own clock, milliseconds
 *     since 1970; for a version that runs that is when its wave opened, or the peer was restarted
 * @param now the turns of that version on that peer
 * @param before the turns of the version before it on that peer
 * @param stamp when it was said, a {@link dev.p2pkit.client.record.HybridTime}
 * @param seal over all of this
 */
@SuppressWarnings("ArrayRecordComponent") // Bytes on their way; nobody compares them.
record HealthReport(
    PeerId peer,
    Chain chain,
    String archive,
    State state,
    int wave,
    long since,
    Tally now,
    Tally before,
    long stamp,
    byte[] seal) {
  /** Setbacks first, since one of them may decide; then the lowest places, which all expect. */
  static final Comparator<HealthReport> RANK =
      Comparator.<HealthReport, Boolean>comparing(report -> report.state == State.ACTIVE)
          .thenComparing(report -> Wave.place(report.peer, report.archive))
          .thenComparing(HealthReport::peer);

  private static final byte[] DOMAIN = {'P', '2', 'K', 'H', 2};
  private static final int HASH_BYTES = 32;
  private static final int MAX_NAME = 128;

  /** What became of the version there. */
  enum State {
    /** It runs. */
    ACTIVE,
    /** It crashed, and the version before it is back. */
    REVERTED,
    /** It could not be put to use, or was stopped. */
    FAILED
  }

  /** Says something of this peer. */
  static HealthReport sealed(
      BroadcastSeals seals,
      PeerId self,
      ServiceRecord record,
      State state,
      int wave,
      long since,
      Tally now,
      Tally before,
      long stamp) {
    HealthReport open =
        new HealthReport(
            self,
            Chain.of(record),
            record.archive(),
            state,
            wave,
            since,
            now,
            before,
            stamp,
            new byte[0]);
    return new HealthReport(
        self,
        open.chain,
        open.archive,
        state,
        wave,
        since,
        now,
        before,
        stamp,
        seals.seal(open.statement()));
  }

  /** Whether the peer that it names has said it. */
  boolean genuine(BroadcastSeals seals) {
    return seals.fits(peer, statement(), seal);
  }

  private byte[] statement() {
    WireWriter out = new WireWriter(256).raw(DOMAIN, 0, DOMAIN.length);
    encodeBody(out);
    return out.toBytes();
  }

  private void encodeBody(WireWriter out) {
    out.peer(peer).text(chain.name()).text(chain.instance());
    hex(out, chain.owner());
    hex(out, archive);
    out.u8(state.ordinal()).u8(wave).i64(since);
    encode(now, out);
    encode(before, out);
    out.i64(stamp);
  }

  private static void encode(Tally tally, WireWriter out) {
    out.i64(tally.turns()).i64(tally.failed()).i64(tally.micros());
  }

  void encode(WireWriter out) {
    encodeBody(out);
    out.bytes(seal);
  }

  static HealthReport decode(WireReader in) {
    return new HealthReport(
        in.peer(),
        new Chain(in.text(MAX_NAME), in.text(MAX_NAME), hex(in)),
        hex(in),
        state(in.u8()),
        in.u8(),
        in.i64(),
        tally(in),
        tally(in),
        in.i64(),
        in.bytes(BroadcastSeals.MAX_BYTES));
  }

  private static State state(int ordinal) {
    if (ordinal >= State.values().length) {
      throw new WireException("an unknown state of health: " + ordinal);
    }
    return State.values()[ordinal];
  }

  private static Tally tally(WireReader in) {
    Tally tally = new Tally(in.i64(), in.i64(), in.i64());
    if (tally.turns() < 0
        || tally.failed() < 0
        || tally.failed() > tally.turns()
        || tally.micros() < 0) {
      throw new WireException("a health report with impossible counts");
    }
    return tally;
  }

  private static void hex(WireWriter out, String digits) {
    out.raw(HexFormat.of().parseHex(digits), 0, HASH_BYTES);
  }

  private static String hex(WireReader in) {
    return HexFormat.of().formatHex(in.raw(HASH_BYTES));
  }
}
