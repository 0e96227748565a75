/** What commands print: lines, tables and JSON objects. */
@NullMarked
package dev.p2pkit.peer.cli.output;

import org.jspecify.annotations.NullMarked;
