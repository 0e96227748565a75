/** What {@code p2pkit simulate} shows: progress, tables, JSON and a page with charts. */
@NullMarked
package dev.p2pkit.peer.cli.simulate;

import org.jspecify.annotations.NullMarked;
