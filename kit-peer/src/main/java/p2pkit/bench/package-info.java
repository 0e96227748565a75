/**
 * The service that the bench calls. It has a package of its own because an archive may not hold
 * classes of {@code dev.p2pkit}.
 */
@NullMarked
package p2pkit.bench;

import org.jspecify.annotations.NullMarked;
