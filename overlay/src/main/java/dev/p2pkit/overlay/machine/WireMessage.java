// What travels between machines.
package dev.p2pkit.overlay.machine;

/**
 * A message between the machines of two peers: an immutable record, turned into a frame by a {@link
 * WireCodec}.
 */
public interface WireMessage {}
