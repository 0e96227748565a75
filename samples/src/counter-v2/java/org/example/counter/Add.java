// A message: count something.
package org.example.counter;

/**
 * Adds to the counter of the peer that gets it.
 *
 * @param by how much
 * @param id what the sender calls this message; it appears once in the journal of one peer
 */
public record Add(long by, String id) {}
