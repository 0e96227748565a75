/** The command line. {@link dev.p2pkit.peer.cli.Main} finds the command, one class for each. */
@NullMarked
package dev.p2pkit.peer.cli;

import org.jspecify.annotations.NullMarked;
