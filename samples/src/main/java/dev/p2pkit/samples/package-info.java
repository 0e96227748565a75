/** Programs that use the network: a chat client, and a peer inside of a program. */
@NullMarked
package dev.p2pkit.samples;

import org.jspecify.annotations.NullMarked;
