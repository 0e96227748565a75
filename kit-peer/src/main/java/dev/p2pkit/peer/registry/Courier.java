// Sends the registry's messages, to this peer too.
package dev.p2pkit.peer.registry;

import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.peer.registry.timing.Alarms;
import dev.p2pkit.sdk.PeerId;

/** A peer takes part in its own rollouts and queries by the same messages as everybody else. */
final class Courier {
  private final Effects effects;
  private final Alarms alarms;
  private final Questions questions;
  private final Local local;

  Courier(Effects effects, Alarms alarms, Questions questions, Local local) {
    this.effects = effects;
    this.alarms = alarms;
    this.questions = questions;
    this.local = local;
  }

  /** Takes a message that this peer has sent to itself. */
  interface Local {
    void deliver(long now, PeerRef from, RegistryMessage message);
  }

  PeerRef self() {
    return effects.self();
  }

  boolean isSelf(PeerId peer) {
    return peer.equals(self().id());
  }

  /** Whether another peer may be told something that nobody here wanted to say. */
  boolean mayAnswer(PeerId to) {
    return isSelf(to) || questions.mayAsk(to);
  }

  void send(long now, PeerRef to, RegistryMessage message) {
    if (isSelf(to.id())) {
      alarms.at(now, then -> local.deliver(then, self(), message));
    } else {
      questions.told(to.id(), message);
      effects.send(to, message);
    }
  }
}
