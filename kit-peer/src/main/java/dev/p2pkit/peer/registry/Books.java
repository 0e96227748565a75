// How the parts of the registry put records in force.
package dev.p2pkit.peer.registry;

import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.Key;

/** The registry as its parts see it. */
interface Books {
  /** Judges a record that another peer has sent, and puts it in force if it is better. */
  Admission.Verdict take(long now, PeerRef from, ServiceRecord record);

  /** Puts a record in force that was judged before. */
  void enact(long now, PeerRef from, ServiceRecord record, Key grant);
}
