// A message: how many pieces are there?
package org.example.stock;

/**
 * Asks for the stock of the peer that gets it.
 *
 * @param reason why somebody asks
 */
public record Ask(String reason) {}
