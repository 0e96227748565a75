// The answer to both messages.
package org.example.counter;

/**
 * How far the counter of one peer is.
 *
 * @param peer the peer that answers
 * @param version the version of the service that answers
 * @param count its count
 */
public record Total(String peer, int version, long count) {}
