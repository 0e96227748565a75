/** The service handle that peers and clients share. */
@NullMarked
package dev.p2pkit.client.service;

import org.jspecify.annotations.NullMarked;
