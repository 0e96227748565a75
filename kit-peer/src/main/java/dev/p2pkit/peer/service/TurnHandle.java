// Another service as a turn sees it.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.BroadcastReport;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.Receipt;
import dev.p2pkit.sdk.SendOptions;
import dev.p2pkit.sdk.ServiceControl;
import dev.p2pkit.sdk.ServiceHandle;
import dev.p2pkit.sdk.ServiceStatus;
import dev.p2pkit.sdk.UpdateReport;
import java.util.concurrent.CompletableFuture;

/** A handle whose calls obey the rules of the turn. */
record TurnHandle(ServiceHandle handle, TurnNetwork network) implements ServiceHandle {
  @Override
  public String name() {
    return handle.name();
  }

  @Override
  public Target peer(PeerId peer) {
    return new Target() {
      @Override
      public CompletableFuture<Receipt> send(Object message, SendOptions options) {
        return network.sendPeer(peer, name(), message, options);
      }

      @Override
      public <T> CompletableFuture<T> rpc(Object message, Class<T> replyType, SendOptions options) {
        return network.rpcPeer(peer, name(), message, replyType, options);
      }
    };
  }

  @Override
  public Target key(Key key) {
    return new Target() {
      @Override
      public CompletableFuture<Receipt> send(Object message, SendOptions options) {
        return network.sendKey(key, name(), message, options);
      }

      @Override
      public <T> CompletableFuture<T> rpc(Object message, Class<T> replyType, SendOptions options) {
        return network.rpcKey(key, name(), message, replyType, options);
      }
    };
  }

  @Override
  public CompletableFuture<BroadcastReport> broadcast(Object message, SendOptions options) {
    return network.broadcast(name(), message, options);
  }

  @Override
  public CompletableFuture<UpdateReport> update(Archive archive, InstallOptions options) {
    return CompletableFuture.failedFuture(
        new KitException(
            ErrorCode.UNAUTHORISED, "a service may not upgrade services; do it from a program"));
  }

  @Override
  public ServiceControl control(InstallOptions options) {
    throw new KitException(
        ErrorCode.UNAUTHORISED, "a service may not control services; do it from a program");
  }

  @Override
  public CompletableFuture<ServiceStatus> status() {
    return handle.status();
  }
}
