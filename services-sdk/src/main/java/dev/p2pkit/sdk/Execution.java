// On which kind of thread a service's turns run.
package dev.p2pkit.sdk;

/** How a service's turns are executed. In all modes a processor has one turn at a time. */
public enum Execution {
  /** On a bounded pool; may block for a while. */
  WORKER,
  /** On the pool; handlers return stages, and the next message waits for the stage. */
  ASYNC,
  /** On a virtual thread where the JVM has them (21 and later), else as WORKER. */
  VIRTUAL,
  /** On the network thread that received the message: fastest, and must never block. */
  EVENT_LOOP
}
