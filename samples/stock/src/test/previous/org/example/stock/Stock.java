// The state of version 1.
package org.example.stock;

/**
 * What is in stock.
 *
 * @param n how many pieces
 */
public record Stock(long n) {}
