/**
 * The payload codec: TREE, KRYO and BYTES bodies, the canonical encoding for hashing, and tolerant
 * state encoding.
 */
@NullMarked
package dev.p2pkit.sdk.codec;

import org.jspecify.annotations.NullMarked;
