/**
 * Clients on the peer's side: admits them by ticket, carries out their requests, delivers to their
 * proxies, and knows which peer a session is attached to.
 */
@NullMarked
package dev.p2pkit.peer.gateway;

import org.jspecify.annotations.NullMarked;
