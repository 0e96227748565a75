/**
 * What a peer keeps on disk for a service: tables in one file, stored in groups, with a check on
 * each value. Knows nothing of services; {@link dev.p2pkit.peer.store.StateStore} is all that the
 * rest of the peer sees of the library below it. And how single files are put on the disk for good.
 */
@NullMarked
package dev.p2pkit.peer.store;

import org.jspecify.annotations.NullMarked;
