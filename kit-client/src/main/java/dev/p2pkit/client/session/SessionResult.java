// The answers to a client's requests.
package dev.p2pkit.client.session;

import dev.p2pkit.sdk.BroadcastReport;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.PeerInfo;
import dev.p2pkit.sdk.ServiceStatus;
import dev.p2pkit.sdk.UpdateReport;
import java.util.List;
import java.util.Optional;

/** What a request of a client came to. */
public sealed interface SessionResult {
  /** It is done and there is nothing to say. */
  record Nothing() implements SessionResult {}

  /** A send was acknowledged by this peer. */
  record Acknowledged(PeerId peer, boolean processed) implements SessionResult {}

  /** The reply of an rpc. */
  record Reply(Payload body) implements SessionResult {}

  /** Whom a broadcast reached. */
  record Reached(BroadcastReport report) implements SessionResult {}

  /** Peers, or some of them. */
  record Peers(List<PeerInfo> peers) implements SessionResult {
    /** Copies the list. */
    public Peers {
      peers = List.copyOf(peers);
    }
  }

  /** Services, or some of them. */
  record Services(List<ServiceStatus> services) implements SessionResult {
    /** Copies the list. */
    public Services {
      services = List.copyOf(services);
    }
  }

  /** A registry record as it travels, empty if there is none. */
  record Registered(Optional<Payload> record) implements SessionResult {}

  /** Registry records as they travel, or some of them. */
  record Past(List<Payload> records) implements SessionResult {
    /** Copies the list. */
    public Past {
      records = List.copyOf(records);
    }
  }

  /** What an install did. */
  record Updated(UpdateReport report) implements SessionResult {}
}
