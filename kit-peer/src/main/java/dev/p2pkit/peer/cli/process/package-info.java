/** Peers as child processes, for the demo, the bench and tests. */
@NullMarked
package dev.p2pkit.peer.cli.process;

import org.jspecify.annotations.NullMarked;
