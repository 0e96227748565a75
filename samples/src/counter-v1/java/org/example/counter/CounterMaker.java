// The first version: a count.
package org.example.counter;

import dev.p2pkit.sdk.KitService;
import dev.p2pkit.sdk.PeerContext;
import dev.p2pkit.sdk.ServiceDescriptor;
import dev.p2pkit.sdk.ServiceMaker;

/** Counts what it is told to, on each peer for itself. */
@KitService(name = "counter", version = "1", state = Totals.class, schema = 1)
public final class CounterMaker implements ServiceMaker {
  private static final int VERSION = 1;

  @Override
  public ServiceDescriptor make(PeerContext peer) {
    String here = peer.peerId().toString();
    Journal journal = new Journal(peer.directory(), VERSION);
    return ServiceDescriptor.stateful(Totals.class)
        .initialState(() -> new Totals(0))
        .on(
            Add.class,
            (add, totals, context) -> {
              Totals next = totals.plus(add.by());
              journal.append(add.id());
              context.reply(new Total(here, VERSION, next.count()));
              return next;
            })
        .on(
            Read.class,
            (read, totals, context) -> {
              context.logger().debug("read: {}", read.reason());
              context.reply(new Total(here, VERSION, totals.count()));
              return totals;
            })
        .build();
  }
}
