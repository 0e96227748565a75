// A service handle that upgrades by the right of a service ticket.
package dev.p2pkit.client.service;

import dev.p2pkit.client.record.Certificate;
import dev.p2pkit.client.record.Signer;
import dev.p2pkit.client.ticket.ServiceTicket;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.BroadcastReport;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.SendOptions;
import dev.p2pkit.sdk.ServiceControl;
import dev.p2pkit.sdk.ServiceHandle;
import dev.p2pkit.sdk.ServiceStatus;
import dev.p2pkit.sdk.UpdateReport;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The service that a ticket is for. Upgrades, and what else {@link #control} does, are signed with
 * the ticket's key, whatever key the options name, and fail with {@link ErrorCode#UNAUTHORISED} if
 * the ticket does not give that right. Thread-safe.
 *
 * @param handle the service as everybody sees it
 * @param installer for upgrades
 * @param ticket by whose right
 */
public record TicketedServiceHandle(
    ServiceHandle handle, ServiceInstaller installer, ServiceTicket ticket)
    implements ServiceHandle {

  @Override
  public String name() {
    return handle.name();
  }

  @Override
  public Target peer(PeerId peer) {
    return handle.peer(peer);
  }

  @Override
  public Target key(Key key) {
    return handle.key(key);
  }

  @Override
  public CompletableFuture<BroadcastReport> broadcast(Object message, SendOptions options) {
    return handle.broadcast(message, options);
  }

  @Override
  public CompletableFuture<UpdateReport> update(Archive archive, InstallOptions options) {
    Signer signer = ticket.signer();
    if (!ticket.gives(Certificate.Power.UPGRADE)) {
      return CompletableFuture.failedFuture(
          new KitException(
              ErrorCode.UNAUTHORISED,
              "this service ticket does not give the right to upgrade "
                  + name()
                  + "; ask the service's owner for one that does"));
    }
    return installer.install(signer, archive, options.under(name()).instance(ticket.instance()));
  }

  @Override
  public ServiceControl control(InstallOptions options) {
    return new RecordControl(
        installer, name(), options.instance(ticket.instance()), Optional.of(ticket.signer()));
  }

  @Override
  public CompletableFuture<ServiceStatus> status() {
    return handle.status();
  }
}
