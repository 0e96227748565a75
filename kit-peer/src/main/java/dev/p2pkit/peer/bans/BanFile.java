// The bans a peer knows, as a file in its data directory.
package dev.p2pkit.peer.bans;

import dev.p2pkit.overlay.ban.BanNotice;
import dev.p2pkit.peer.notices.NoticeFile;
import java.nio.file.Path;

/** The file {@code bans}. */
public final class BanFile extends NoticeFile<BanNotice> {
  /** The file of a data directory; it need not exist. */
  public BanFile(Path dataDirectory) {
    super(dataDirectory, "bans", BanNotice::toText, BanNotice::parse);
  }
}
