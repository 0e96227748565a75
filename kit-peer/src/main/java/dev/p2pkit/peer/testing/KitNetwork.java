// Asks for a network of peers in a test.
package dev.p2pkit.peer.testing;

import dev.p2pkit.peer.HeartbeatProfile;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives tests a {@link TestNetwork} as a parameter:
 *
 * <pre>{@code
 * @KitNetwork(peers = 3)
 * class CounterTest {
 *   @Test
 *   void counts(TestNetwork network) { ... }
 * }
 * }</pre>
 *
 * <p>Each test method that has the parameter gets a network of its own, which is closed after it,
 * also if it fails. A network that a {@code @BeforeAll} method or the test class's constructor in
 * {@code PER_CLASS} mode asks for is shared by all methods of the class. On a method the annotation
 * takes the place of the one on the class. Where a test fails, what its peers say is added to the
 * failure.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
@ExtendWith(KitNetworkExtension.class)
public @interface KitNetwork {
  /** How many peers, 1 to {@value TestNetwork#MOST_PEERS}. */
  int peers() default 3;

  /** How long the network waits for anything before the test fails, in seconds, 1 to 600. */
  int limitSeconds() default 30;

  /** How fast peers notice a cut; {@code FAST} takes about a second in place of three. */
  HeartbeatProfile heartbeat() default HeartbeatProfile.DEFAULT;
}
