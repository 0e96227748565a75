/**
 * What runs services on a peer: archives and their class loaders, mailboxes of bytes, turns with a
 * deadline, supervision, and the upgrade at a turn boundary. Depends on the SDK alone.
 */
@NullMarked
package dev.p2pkit.peer.service;

import org.jspecify.annotations.NullMarked;
