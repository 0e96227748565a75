/**
 * Who may install a service, and what runs under its name: owners' keys and the records they sign.
 */
@NullMarked
package dev.p2pkit.client.record;

import org.jspecify.annotations.NullMarked;
