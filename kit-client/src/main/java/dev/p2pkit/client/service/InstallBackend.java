// What an install needs of the network.
package dev.p2pkit.client.service;

import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ServiceStatus;
import dev.p2pkit.sdk.UpdateReport;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The registry as an installer sees it: a peer's own, or that of a client's proxy peer. */
public interface InstallBackend {
  /** The record in force of an instance; empty if there is none. */
  CompletableFuture<Optional<ServiceRecord>> current(String name, String instance);

  /** Rolls a signed record out to all peers. */
  CompletableFuture<UpdateReport> submit(ServiceRecord record, Archive archive, Duration deadline);

  /** Rolls a signed record out whose archive the network has, or that only changes its plan. */
  CompletableFuture<UpdateReport> submit(ServiceRecord record, Duration deadline);

  /** The last records of an instance that are known, the one in force last. */
  CompletableFuture<List<ServiceRecord>> history(String name, String instance);

  /** What each peer runs. */
  CompletableFuture<List<ServiceStatus>> services();
}
