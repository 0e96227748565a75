// The state: what is in stock on one peer.
package org.example.stock;

import java.time.Instant;

/**
 * What is in stock.
 *
 * @param pieces how many; version 1 called them {@code n}
 * @param since when this version began to look after them
 */
public record Stock(long pieces, Instant since) {
  Stock plus(long more) {
    return new Stock(pieces + more, since);
  }
}
