/**
 * Bans: signed words of the network root, or of an administrator it has named, that a peer must not
 * take part any more. They reach everybody by broadcast and by comparison between neighbours.
 */
@NullMarked
package dev.p2pkit.overlay.ban;

import org.jspecify.annotations.NullMarked;
