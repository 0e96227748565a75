/**
 * The API that a program and a service share: keys and peers, messages, error codes, {@link
 * Network} and the programming model for services. No type of Vert.x, Kryo, Guava or Netty appears
 * in a public signature here, because a service's class loader cannot see them.
 */
@NullMarked
package dev.p2pkit.sdk;

import org.jspecify.annotations.NullMarked;
