// A ban, signed and sent: what 'ban' and 'unban' share.
package dev.p2pkit.peer.cli;

import dev.p2pkit.overlay.ban.BanNotice;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.sdk.PeerId;
import java.time.Instant;

/** Options of the commands that sign a ban. */
final class BanOptions extends NoticeOptions {
  /** Signs a notice, after checking that the options make sense together. */
  BanNotice sign(KitCommand command, PeerId subject, boolean lifted, String reason) {
    Signature by = signature(command);
    return BanNotice.issue(
        network, subject, lifted, Instant.now(), reason, by.key, by.certificate, by.sign);
  }

  /** Has the running peer publish a notice, or prints it. */
  int publish(KitCommand command, BanNotice notice) {
    checkWay(command);
    String text = notice.toText();
    send("ban " + text);
    Output output = command.output();
    if (command.json) {
      output.json(
          Output.object()
              .put("peer", notice.peer().toString())
              .put("banned", !notice.lifted())
              .put("by", notice.signedBy())
              .put("notice", text));
    } else if (print) {
      output.line(text);
    } else {
      output.line(
          "peer "
              + notice.peer()
              + (notice.lifted() ? " may join again" : " is banned network-wide"));
    }
    return Main.DONE;
  }
}
