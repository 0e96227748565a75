// The answer to both messages, with one more component than in the first version.
package org.example.counter;

import java.time.Instant;

/**
 * How far the counter of one peer is.
 *
 * @param peer the peer that answers
 * @param version the version of the service that answers
 * @param count its count
 * @param since when this version began to count there
 */
public record Total(String peer, int version, long count, Instant since) {}
