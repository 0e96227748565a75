// Version 1, as it was released: what the upgrade begins with.
package org.example.stock;

import dev.p2pkit.sdk.Durability;
import dev.p2pkit.sdk.KitService;
import dev.p2pkit.sdk.PeerContext;
import dev.p2pkit.sdk.ServiceDescriptor;
import dev.p2pkit.sdk.ServiceMaker;

/** Keeps a stock on each peer, also over a restart of the peer. */
@KitService(
    name = "stock",
    version = StockMaker.VERSION,
    state = Stock.class,
    messages = {Put.class, Ask.class, Level.class},
    durability = Durability.JOURNAL)
public final class StockMaker implements ServiceMaker {
  static final String VERSION = "1";

  @Override
  public ServiceDescriptor make(PeerContext peer) {
    return ServiceDescriptor.stateful(Stock.class)
        .initialState(() -> new Stock(0))
        .on(
            Put.class,
            (put, stock, context) -> {
              Stock next = new Stock(stock.n() + put.pieces());
              context.reply(new Level(next.n(), VERSION));
              return next;
            })
        .on(
            Ask.class,
            (ask, stock, context) -> {
              context.reply(new Level(stock.n(), VERSION));
              return stock;
            })
        .build();
  }
}
