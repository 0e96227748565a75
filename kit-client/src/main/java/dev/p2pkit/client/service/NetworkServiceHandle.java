// A service handle over any Network.
package dev.p2pkit.client.service;

import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.BroadcastReport;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Network;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.Receipt;
import dev.p2pkit.sdk.SendOptions;
import dev.p2pkit.sdk.ServiceControl;
import dev.p2pkit.sdk.ServiceHandle;
import dev.p2pkit.sdk.ServiceStatus;
import dev.p2pkit.sdk.UpdateReport;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A service as its users see it, on a peer and on a client alike. Thread-safe.
 *
 * @param network carries the messages
 * @param name the service's name
 * @param installer for upgrades, which are signed with the key that their options name
 */
public record NetworkServiceHandle(Network network, String name, ServiceInstaller installer)
    implements ServiceHandle {

  @Override
  public Target peer(PeerId peer) {
    return new OnPeer(network, name, peer);
  }

  @Override
  public Target key(Key key) {
    return new AtKey(network, name, key);
  }

  @Override
  public CompletableFuture<BroadcastReport> broadcast(Object message, SendOptions options) {
    return network.broadcast(name, message, options);
  }

  @Override
  public CompletableFuture<UpdateReport> update(Archive archive, InstallOptions options) {
    return installer.install(archive, options.under(name));
  }

  @Override
  public ServiceControl control(InstallOptions options) {
    return new RecordControl(installer, name, options, Optional.empty());
  }

  /** The state of the instance with the smallest name; {@code network.services()} has all. */
  @Override
  public CompletableFuture<ServiceStatus> status() {
    return network
        .services()
        .thenApply(
            all ->
                all.stream()
                    .filter(status -> status.name().equals(name))
                    .min(Comparator.comparing(ServiceStatus::instance))
                    .orElseThrow(
                        () ->
                            new KitException(
                                ErrorCode.NO_SUCH_SERVICE,
                                "no service is installed under the name " + name)));
  }

  private record OnPeer(Network network, String service, PeerId peer) implements Target {
    @Override
    public CompletableFuture<Receipt> send(Object message, SendOptions options) {
      return network.sendPeer(peer, service, message, options);
    }

    @Override
    public <T> CompletableFuture<T> rpc(Object message, Class<T> replyType, SendOptions options) {
      return network.rpcPeer(peer, service, message, replyType, options);
    }
  }

  private record AtKey(Network network, String service, Key key) implements Target {
    @Override
    public CompletableFuture<Receipt> send(Object message, SendOptions options) {
      return network.sendKey(key, service, message, options);
    }

    @Override
    public <T> CompletableFuture<T> rpc(Object message, Class<T> replyType, SendOptions options) {
      return network.rpcKey(key, service, message, replyType, options);
    }
  }
}
