// The answer to both messages.
package org.example.stock;

/**
 * How many pieces a peer has.
 *
 * @param pieces how many
 * @param version the version of the service that answers
 */
public record Level(long pieces, String version) {}
