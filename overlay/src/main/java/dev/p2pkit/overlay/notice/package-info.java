/**
 * Notices: signed words of the network root, or of an administrator it has named, that reach every
 * peer by broadcast and by comparison between neighbours. Of two about one subject the later holds.
 */
@NullMarked
package dev.p2pkit.overlay.notice;

import org.jspecify.annotations.NullMarked;
