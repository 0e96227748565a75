/**
 * What a client and its proxy peer say to each other, and the client's side of it as plain code
 * without sockets: open requests, subscriptions and credits.
 */
@NullMarked
package dev.p2pkit.client.session;

import org.jspecify.annotations.NullMarked;
