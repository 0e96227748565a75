// The data plane of one peer as a machine: what its host can ask of it.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.Machine;
import java.util.function.Consumer;

/** The data plane of one peer. */
public final class Router implements Machine {
  /** A router with these bounds. */
  public Router(RouterConfig config, Effects effects, RouterListener listener) {}

  /**
   * Starts a call.
   *
   * @param whenDone called exactly once, through {@link RouterListener#done}
   * @return the id of the call
   */
  public long open(long now, Draft draft, Consumer<Outcome> whenDone) {
    return 0;
  }

  /**
   * Ends an own open call with a reply that arrived by another way; false if it is not open any
   * more.
   */
  public boolean reply(long now, long id, Outcome.Replied reply) {
    return false;
  }

  /**
   * Answers a message that was delivered here. A send ends with Acknowledged or Failed. An rpc ends
   * with Replied or Failed; Acknowledged before that tells its sender that the turn has ended. What
   * comes after the end is ignored.
   */
  public void complete(long now, Inbound inbound, Outcome outcome) {}

  /** Gives an own open call up; it ends with CANCELLED. */
  public void cancel(long now, long id) {}
}
