/**
 * What a peer and its services do, as meters for Micrometer. Needs {@code micrometer-core} on the
 * program's class path; a peer that runs does not use this package, and nothing else in P2PKit
 * does.
 */
@NullMarked
package dev.p2pkit.peer.metrics;

import org.jspecify.annotations.NullMarked;
