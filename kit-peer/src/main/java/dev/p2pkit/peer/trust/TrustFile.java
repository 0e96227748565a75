// The notices of trust that a peer knows, as a file in its data directory.
package dev.p2pkit.peer.trust;

import dev.p2pkit.peer.notices.NoticeFile;
import java.nio.file.Path;

/** The file {@code trust}. */
public final class TrustFile extends NoticeFile<TrustNotice> {
  /** The file of a data directory; it need not exist. */
  public TrustFile(Path dataDirectory) {
    super(dataDirectory, "trust", TrustNotice::toText, TrustNotice::parse);
  }
}
