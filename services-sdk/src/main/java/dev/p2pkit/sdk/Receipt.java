// What the sender of an acknowledged message learns.
package dev.p2pkit.sdk;

/**
 * The acknowledgement of a send.
 *
 * @param peer the peer at which the message arrived
 * @param ack what has happened to it there
 */
public record Receipt(PeerId peer, Ack ack) {}
