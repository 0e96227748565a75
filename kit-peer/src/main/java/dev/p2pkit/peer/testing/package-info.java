/**
 * For tests of services: a network of real peers inside of a test, whose links can be cut, and an
 * upgrade under load that accounts for every call. Needs JUnit 5.13 or newer on the test's class
 * path; a peer that runs does not use this package, and nothing else in P2PKit does.
 */
@NullMarked
package dev.p2pkit.peer.testing;

import org.jspecify.annotations.NullMarked;
