/** The bench: how all published figures are made. */
@NullMarked
package dev.p2pkit.peer.cli.bench;

import org.jspecify.annotations.NullMarked;
