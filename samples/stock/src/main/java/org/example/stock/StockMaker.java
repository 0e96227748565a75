// Version 2 of a service that keeps the stock of a site, which counts what version 1 has counted.
package org.example.stock;

import dev.p2pkit.sdk.Durability;
import dev.p2pkit.sdk.KitService;
import dev.p2pkit.sdk.PeerContext;
import dev.p2pkit.sdk.ServiceDescriptor;
import dev.p2pkit.sdk.ServiceMaker;
import dev.p2pkit.sdk.Tree;
import java.time.Instant;
import java.util.Map;

/** Keeps a stock on each peer, also over a restart of the peer. */
@KitService(
    name = "stock",
    version = StockMaker.VERSION,
    state = Stock.class,
    schema = 2,
    messages = {Put.class, Ask.class, Level.class},
    durability = Durability.JOURNAL)
public final class StockMaker implements ServiceMaker {
  static final String VERSION = "2";

  @Override
  public ServiceDescriptor make(PeerContext peer) {
    return ServiceDescriptor.stateful(Stock.class)
        .initialState(() -> new Stock(0, Instant.now()))
        .upgradeFrom(1, old -> new Stock(old.getLong("n"), Instant.now()))
        .downgradeState(1, stock -> Tree.of(Map.of("n", stock.pieces())))
        .on(
            Put.class,
            (put, stock, context) -> {
              Stock next = stock.plus(put.pieces());
              context.reply(new Level(next.pieces(), VERSION));
              return next;
            })
        .on(
            Ask.class,
            (ask, stock, context) -> {
              context.reply(new Level(stock.pieces(), VERSION));
              return stock;
            })
        .build();
  }
}
