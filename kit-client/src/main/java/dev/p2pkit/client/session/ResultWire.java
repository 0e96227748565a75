// The answers to requests on the wire.
package dev.p2pkit.client.session;

import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import java.util.Optional;

final class ResultWire {
  private ResultWire() {}

  static void write(SessionResult result, WireWriter out) {
    if (result instanceof SessionResult.Nothing) {
      out.u8(0);
    } else if (result instanceof SessionResult.Acknowledged of) {
      out.u8(1).peer(of.peer()).bool(of.processed());
    } else if (result instanceof SessionResult.Reply of) {
      out.u8(2);
      MessageWire.write(of.body(), out);
    } else if (result instanceof SessionResult.Reached of) {
      ReportWire.write(of.report(), out.u8(3));
    } else if (result instanceof SessionResult.Peers of) {
      ReportWire.list(of.peers(), Integer.MAX_VALUE, out.u8(4), ReportWire::write);
    } else if (result instanceof SessionResult.Services of) {
      ReportWire.list(of.services(), Integer.MAX_VALUE, out.u8(5), ReportWire::write);
    } else if (result instanceof SessionResult.Updated of) {
      ReportWire.write(of.report(), out.u8(6));
    } else if (result instanceof SessionResult.Registered of) {
      out.u8(7).bool(of.record().isPresent());
      of.record().ifPresent(record -> MessageWire.write(record, out));
    } else if (result instanceof SessionResult.Past of) {
      ReportWire.list(of.records(), Integer.MAX_VALUE, out.u8(8), MessageWire::write);
    }
  }

  static SessionResult read(WireReader in, int mostInPart, int mostBody) {
    int kind = in.u8();
    return switch (kind) {
      case 0 -> new SessionResult.Nothing();
      case 1 -> new SessionResult.Acknowledged(in.peer(), in.bool());
      case 2 -> new SessionResult.Reply(MessageWire.body(in, mostBody));
      case 3 -> new SessionResult.Reached(ReportWire.readBroadcast(in));
      case 4 -> new SessionResult.Peers(ReportWire.list(in, mostInPart, 64, ReportWire::readInfo));
      case 5 ->
          new SessionResult.Services(ReportWire.list(in, mostInPart, 24, ReportWire::readStatus));
      case 6 -> new SessionResult.Updated(ReportWire.readUpdate(in));
      case 7 ->
          new SessionResult.Registered(
              in.bool() ? Optional.of(MessageWire.body(in, mostBody)) : Optional.empty());
      case 8 ->
          new SessionResult.Past(
              ReportWire.list(in, mostInPart, 4, reader -> MessageWire.body(reader, mostBody)));
      default -> throw new WireException("there is no result " + kind + " in this version");
    };
  }
}
