// The second version: a count that knows since when it counts; the old count is carried over.
package org.example.counter;

import dev.p2pkit.sdk.KitService;
import dev.p2pkit.sdk.PeerContext;
import dev.p2pkit.sdk.ServiceDescriptor;
import dev.p2pkit.sdk.ServiceMaker;
import java.time.Instant;

/** Counts what it is told to, on each peer for itself. */
@KitService(name = "counter", version = "2", state = Totals.class, schema = 2)
public final class CounterMaker implements ServiceMaker {
  private static final int VERSION = 2;

  @Override
  public ServiceDescriptor make(PeerContext peer) {
    String here = peer.peerId().toString();
    Journal journal = new Journal(peer.directory(), VERSION);
    return ServiceDescriptor.stateful(Totals.class)
        .initialState(() -> new Totals(0, Instant.now()))
        .upgradeFrom(1, old -> new Totals(old.getLong("count"), Instant.now()))
        .on(
            Add.class,
            (add, totals, context) -> {
              Totals next = totals.plus(add.by());
              journal.append(add.id());
              context.reply(new Total(here, VERSION, next.count(), next.since()));
              return next;
            })
        .on(
            Read.class,
            (read, totals, context) -> {
              context.logger().debug("read: {}", read.reason());
              context.reply(new Total(here, VERSION, totals.count(), totals.since()));
              return totals;
            })
        .build();
  }
}
