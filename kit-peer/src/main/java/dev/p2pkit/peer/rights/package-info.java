/** Who may call the services that answer ticket holders only. */
@NullMarked
package dev.p2pkit.peer.rights;

import org.jspecify.annotations.NullMarked;
