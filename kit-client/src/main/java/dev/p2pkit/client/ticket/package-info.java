/** Tickets: signed strings of one line that let a client attach or use and upgrade a service. */
@NullMarked
package dev.p2pkit.client.ticket;

import org.jspecify.annotations.NullMarked;
