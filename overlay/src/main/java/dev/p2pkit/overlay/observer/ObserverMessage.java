// What observers and members of the ring say to each other.
package dev.p2pkit.overlay.observer;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireMessage;
import java.util.List;

/** A message between an observer and a member. */
sealed interface ObserverMessage extends WireMessage
    permits ObserverMessage.Seek,
        ObserverMessage.Found,
        ObserverMessage.Attach,
        ObserverMessage.Attached,
        ObserverMessage.Detach {
  /** Who is after me on the ring? */
  record Seek() implements ObserverMessage {}

  /** These are after you, as far as I know, nearest first. */
  record Found(List<PeerRef> after) implements ObserverMessage {
    public Found {
      after = List.copyOf(after);
    }
  }

  /** Be my proxy, or go on to be it. */
  record Attach() implements ObserverMessage {}

  /** I am your proxy; these are after me. */
  record Attached(List<PeerRef> after) implements ObserverMessage {
    public Attached {
      after = List.copyOf(after);
    }
  }

  /** I go. */
  record Detach() implements ObserverMessage {}
}
