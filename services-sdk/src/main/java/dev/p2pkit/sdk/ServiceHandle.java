// A service seen by those who use and upgrade it.
package dev.p2pkit.sdk;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A handle on an installed service: talks to it, shows how far an upgrade has come, upgrades it.
 * Thread-safe.
 */
public interface ServiceHandle {

  /** The service's name, which is also its access point. */
  String name();

  /** The service on one peer. */
  Target peer(PeerId peer);

  /** The service on the owner of a key. */
  Target key(Key key);

  /** The service on the owner of {@link Key#hash Key.hash(value)}. */
  default Target hash(@Nullable Object value) {
    return key(Key.hash(value));
  }

  /** Sends to the service on every peer and reports whom it reached. */
  CompletableFuture<BroadcastReport> broadcast(Object message, SendOptions options);

  /** As above with the default options. */
  default CompletableFuture<BroadcastReport> broadcast(Object message) {
    return broadcast(message, SendOptions.DEFAULT);
  }

  /**
   * Upgrades the service, or adds an instance of it. Completes when every peer that can be reached
   * has reported; fails with {@link ErrorCode#UNAUTHORISED} if the key is not the owner's, {@link
   * ErrorCode#NOT_UPGRADEABLE} if it is sealed, {@link ErrorCode#MIGRATION_FAILED} if the state of
   * a peer cannot be carried over (then the old version goes on everywhere).
   *
   * @param options as for install; the name is this service's
   */
  CompletableFuture<UpdateReport> update(Archive archive, InstallOptions options);

  /**
   * What the owner can do to an instance after its install: pause and promote a roll-out, go back,
   * end the service, look at its history.
   *
   * @param options the instance, the key file that signs, and how long to wait; the rest is not
   *     read
   */
  ServiceControl control(InstallOptions options);

  /** Which version runs on which peer. */
  CompletableFuture<ServiceStatus> status();

  /** One place at which the service can be addressed. */
  interface Target {
    /** Sends without waiting for a reply. */
    CompletableFuture<Receipt> send(Object message, SendOptions options);

    /** Sends and waits for one reply. */
    <T> CompletableFuture<T> rpc(Object message, Class<T> replyType, SendOptions options);

    /** As above with the default options. */
    default CompletableFuture<Receipt> send(Object message) {
      return send(message, SendOptions.DEFAULT);
    }

    /** As above with the default options. */
    default <T> CompletableFuture<T> rpc(Object message, Class<T> replyType) {
      return rpc(message, replyType, SendOptions.DEFAULT);
    }
  }
}
