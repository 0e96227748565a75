// What the gateway asks of the peer it belongs to.
package dev.p2pkit.peer.gateway;

import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.peer.rights.Caller;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.Network;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.UpdateReport;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The peer as its clients use it. Thread-safe; no call blocks. */
public interface ClientOperations {
  /**
   * The network as this peer sees it, with every message marked as a client's. Its {@code install}
   * and {@code close} are not called. A reply type of {@link Payload} asks for the body as it came.
   *
   * @param caller what the client may call of what is restricted
   */
  Network network(Caller caller);

  /** The record in force of one owner's service. */
  Optional<ServiceRecord> find(String name, String instance, String owner);

  /** The registry record in force of an instance, in its encoded form; empty if there is none. */
  CompletableFuture<Optional<byte[]>> record(String name, String instance);

  /** The last registry records of an instance, in their encoded form, the one in force last. */
  CompletableFuture<List<byte[]>> history(String name, String instance);

  /**
   * Puts a record in force that the client has signed and whose archive the network has.
   *
   * @param signedRecord the record's bytes as they travel; not yet checked
   */
  CompletableFuture<UpdateReport> control(byte[] signedRecord, Duration deadline);

  /**
   * Installs or upgrades with a record that the client has signed with its own key, and the archive
   * that the record names; see {@link Network#install} for the failures.
   *
   * @param signedRecord the record's bytes as they travel; not yet checked
   * @param archive its hash is what the client announced
   */
  CompletableFuture<UpdateReport> install(byte[] signedRecord, Archive archive, Duration deadline);

  /** A client has asked for what its ticket does not allow, and was told so. */
  void unauthorised();

  /**
   * As {@link #unauthorised}, where it would have put a record in force.
   *
   * @param signedRecord the record's bytes as they travel; not checked
   * @param reason what the client was told
   */
  void installUnauthorised(byte[] signedRecord, String reason);

  /** Tells the peer's own subscribers that a client has come or gone. */
  void event(NetworkEvent event);
}
