/** The demo: a ring of processes, an upgrade under load, and the evidence that nothing was lost. */
@NullMarked
package dev.p2pkit.peer.cli.demo;

import org.jspecify.annotations.NullMarked;
