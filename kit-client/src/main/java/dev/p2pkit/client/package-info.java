/**
 * The thin client: a program outside of the ring that reaches it through a proxy peer. {@link
 * dev.p2pkit.client.Client} is the way in.
 */
@NullMarked
package dev.p2pkit.client;

import org.jspecify.annotations.NullMarked;
