// The peer as its clients use it.
package dev.p2pkit.peer;

import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.routing.Envelope;
import dev.p2pkit.peer.gateway.ClientOperations;
import dev.p2pkit.peer.rights.Caller;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Network;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.UpdateReport;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * What clients can do here.
 *
 * @param parts the peer
 */
record ClientDoor(PeerParts parts) implements ClientOperations {
  @Override
  public Network network(Caller caller) {
    return new PeerNetwork(parts, Envelope.FROM_CLIENT, caller);
  }

  @Override
  public Optional<ServiceRecord> find(String name, String instance, String owner) {
    return parts.registry().directory().of(name, instance, owner);
  }

  @Override
  public CompletableFuture<Optional<byte[]>> record(String name, String instance) {
    return parts.current(name, instance).thenApply(found -> found.map(ServiceRecord::encoded));
  }

  @Override
  public CompletableFuture<List<byte[]>> history(String name, String instance) {
    return parts
        .history(name, instance)
        .thenApply(past -> past.stream().map(ServiceRecord::encoded).toList());
  }

  private static ServiceRecord decode(byte[] signedRecord) {
    try {
      return ServiceRecord.decode(signedRecord);
    } catch (WireException e) {
      throw new KitException(
          ErrorCode.PROTOCOL_ERROR, "the service record cannot be read: " + e.getMessage(), e);
    }
  }

  @Override
  public CompletableFuture<UpdateReport> control(byte[] signedRecord, Duration deadline) {
    return parts.submit(decode(signedRecord), deadline);
  }

  @Override
  public CompletableFuture<UpdateReport> install(
      byte[] signedRecord, Archive archive, Duration deadline) {
    ServiceRecord record = decode(signedRecord);
    if (!record.archive().equals(archive.hash())) {
      return CompletableFuture.failedFuture(
          new KitException(
              ErrorCode.BAD_ARCHIVE,
              "the archive "
                  + archive.hash()
                  + " is not the one that the record of "
                  + record
                  + " names"));
    }
    return parts.submit(record, archive, deadline);
  }

  @Override
  public void unauthorised() {
    parts.restrictions().countClient();
  }

  @Override
  public void installUnauthorised(byte[] signedRecord, String reason) {
    Optional<ServiceRecord> record;
    try {
      record = Optional.of(ServiceRecord.decode(signedRecord));
    } catch (WireException e) {
      record = Optional.empty();
    }
    parts.restrictions().refuseInstall(record, reason);
  }

  @Override
  public void event(NetworkEvent event) {
    parts.events().publish(event);
  }
}
