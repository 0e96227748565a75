// What an install needs of the network.
package dev.p2pkit.client.service;

import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.UpdateReport;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The registry as an installer sees it: a peer's own, or that of a client's proxy peer. */
public interface InstallBackend {
  /** The record in force of an instance; empty if there is none. */
  CompletableFuture<Optional<ServiceRecord>> current(String name, String instance);

  /** Rolls a signed record out to all peers. */
  CompletableFuture<UpdateReport> submit(ServiceRecord record, Archive archive, Duration deadline);
}
