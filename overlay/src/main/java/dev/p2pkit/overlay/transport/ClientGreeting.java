// What a client says of itself before it is let in.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.sdk.Key;

/**
 * The greeting of a thin client.
 *
 * @param clientKey the first 16 bytes of SHA-256 over the client's public key, which its link has
 *     proved
 * @param ticket what it shows in place of membership, at most 4,096 bytes of UTF-8; not checked yet
 * @param remoteAddress where it comes from, for logs
 */
public record ClientGreeting(Key clientKey, String ticket, String remoteAddress) {}
