// The timers of one machine as actions.
package dev.p2pkit.peer.registry.timing;

import dev.p2pkit.overlay.machine.Effects;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongConsumer;

/** Keeps what is to be done when a timer fires. Its tokens grow from 1 and are used once. */
public final class Alarms {
  private final Effects effects;
  private final Map<Long, LongConsumer> actions = new HashMap<>();
  private long last;

  /** For the machine with these effects, which sets timers in no other way. */
  public Alarms(Effects effects) {
    this.effects = effects;
  }

  /** Has an action run at a time, with the time at which it then is; the token cancels it. */
  public long at(long time, LongConsumer action) {
    long token = ++last;
    actions.put(token, action);
    effects.timer(token, time);
    return token;
  }

  /** Forgets an action; a token that was used or cancelled is ignored. */
  public void cancel(long token) {
    if (actions.remove(token) != null) {
      effects.cancel(token);
    }
  }

  /** A timer has fired. */
  public void fire(long now, long token) {
    LongConsumer action = actions.remove(token);
    if (action != null) {
      action.accept(now);
    }
  }

  /**
   * A completion that arrives in a call of its own, so that an answer which comes at once does not
   * find the machine half way through something.
   */
  public <T> Completion<T> deferred(Completion<T> target) {
    return (now, outcome) -> at(now, then -> target.done(then, outcome));
  }
}
