// Marks the maker of an archive; the annotation processor writes the descriptor from it.
package dev.p2pkit.sdk;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a {@link ServiceMaker} as the entry point of its archive; compiling it writes {@code
 * META-INF/kit/service.json}, and beside it {@code state-schema.json} and {@code
 * message-schema.json}.
 */
@Documented
@Retention(RetentionPolicy.SOURCE)
@Target(ElementType.TYPE)
public @interface KitService {
  /** The name under which the service is meant to be installed. */
  String name();

  /** The version, for people; upgrades are ordered by the registry, not by this. */
  String version();

  /**
   * The type of the state; its shape is written beside the descriptor. {@code void.class} for a
   * stateless service.
   */
  Class<?> state() default void.class;

  /** The number of the state's schema: what {@code upgradeFrom} of a later version names. */
  int schema() default 1;

  /**
   * The types of messages that callers send and get back: records and classes of the archive. Their
   * shapes are written beside the descriptor, and {@code p2pkit service check} tells which of them
   * a later version changes. What the processor handles it finds out by itself; what handlers reply
   * is known only from here.
   */
  Class<?>[] messages() default {};

  /** What of the state outlives the peer's process; a service without state has none. */
  Durability durability() default Durability.NONE;

  /** How long after a turn a SNAPSHOT is written at the latest, in milliseconds, 10 to 600,000. */
  long snapshotMillis() default 1_000;

  /**
   * Whether the service begins with its initial state where the file of its state is damaged.
   * Otherwise it fails there until somebody has seen to the file. Either way the file is kept.
   */
  boolean startAnewIfDamaged() default false;

  /** On which threads the turns run. */
  Execution execution() default Execution.WORKER;

  /** How long a turn may take, in milliseconds, 1 to 600,000. */
  long turnMillis() default 5_000;

  /** The most messages in a processor's mailbox. */
  int mailboxMessages() default 10_000;

  /** The most bytes in a processor's mailbox. */
  int mailboxBytes() default 32 << 20;

  /** How large the encoded state may become: a turn that exceeds it fails with QUOTA. */
  long maxStateBytes() default 16 << 20;

  /**
   * How much processor time the turns may take, in percent of one processor over 10 s; 0 for no
   * limit. A service that exceeds this or one of the following is slowed: its turns wait. The
   * operator of a peer may set lower limits.
   */
  int maxCpuPercent() default 0;

  /** How many bytes the turns may allocate per second; 0 for no limit. */
  long maxAllocationPerSecond() default 0;

  /** How many sends, calls and broadcasts the turns may make per second; 0 for no limit. */
  long maxMessagesPerSecond() default 0;
}
