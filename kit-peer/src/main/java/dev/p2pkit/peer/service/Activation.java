// The report of an activation.
package dev.p2pkit.peer.service;

/**
 * A version is in use.
 *
 * @param key the processor
 * @param epoch the epoch that runs now
 * @param version the version in the archive's descriptor
 * @param micros how long messages had to wait for the swap, in microseconds
 */
public record Activation(ServiceKey key, long epoch, String version, long micros) {}
