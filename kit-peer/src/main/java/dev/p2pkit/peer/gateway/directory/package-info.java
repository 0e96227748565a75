/** Which peer a client's session is attached to: kept by the owner of the session's id. */
@NullMarked
package dev.p2pkit.peer.gateway.directory;

import org.jspecify.annotations.NullMarked;
