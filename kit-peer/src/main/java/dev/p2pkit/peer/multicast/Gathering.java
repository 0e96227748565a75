// Gathers what became of the targets of a multicast.
package dev.p2pkit.peer.multicast;

import dev.p2pkit.sdk.Destination;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.MulticastReport;
import dev.p2pkit.sdk.Receipt;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** A report that is complete when all of its parts are. */
final class Gathering {
  private final List<CompletableFuture<?>> parts = new ArrayList<>();
  // Guarded by this.
  private final Map<Destination, Receipt> delivered = new LinkedHashMap<>();
  private final Map<Destination, KitException> failed = new LinkedHashMap<>();

  void add(Destination target, CompletableFuture<Receipt> receipt) {
    parts.add(
        receipt.handle(
            (done, thrown) -> {
              synchronized (this) {
                if (thrown == null) {
                  delivered.put(target, done);
                } else {
                  failed.put(target, KitException.from(thrown));
                }
              }
              return target;
            }));
  }

  void add(CompletableFuture<MulticastReport> part) {
    parts.add(
        part.thenApply(
            report -> {
              synchronized (this) {
                delivered.putAll(report.delivered());
                failed.putAll(report.failed());
              }
              return report;
            }));
  }

  CompletableFuture<MulticastReport> report() {
    return CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new))
        .thenApply(
            done -> {
              synchronized (this) {
                return new MulticastReport(delivered, failed);
              }
            });
  }
}
