// A message: pieces come in, or go out.
package org.example.stock;

/**
 * Changes the stock of the peer that gets it.
 *
 * @param pieces how many come in; fewer than 0 go out
 */
public record Put(long pieces) {}
