// Values that TREE writes as text.
package dev.p2pkit.sdk.codec;

/**
 * A value that TREE writes as its {@code toString()} and reads with the public static method {@code
 * parse(String)} of its class: keys, peer ids and addresses, so that a client in another language
 * sees them as it types them.
 */
public interface TextValue {}
