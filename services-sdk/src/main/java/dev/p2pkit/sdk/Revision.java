// One entry in the history of a service.
package dev.p2pkit.sdk;

import java.time.Instant;

/**
 * A record of a service.
 *
 * @param epoch the owner's counter
 * @param what what it brought: {@code install}, {@code upgrade}, {@code roll-out}, {@code pause},
 *     {@code resume}, {@code promote}, {@code rollback}, {@code revocation} or {@code withdrawal}
 * @param version the version that it names
 * @param archive the archive's SHA-256, 64 hexadecimal digits
 * @param signedAt when it was signed, by the signer's clock
 * @param signer the first 16 hexadecimal digits of the SHA-256 of the key that signed it
 * @param hash the record's SHA-256, 64 hexadecimal digits
 * @param inForce whether it is in force
 * @param forked whether the owner has signed another record in its place, which won
 */
public record Revision(
    long epoch,
    String what,
    String version,
    String archive,
    Instant signedAt,
    String signer,
    String hash,
    boolean inForce,
    boolean forked) {}
