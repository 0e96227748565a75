/**
 * What the network's root says of owners and names: whose services the peers run, and which owner
 * may hold which name.
 */
@NullMarked
package dev.p2pkit.peer.trust;

import org.jspecify.annotations.NullMarked;
