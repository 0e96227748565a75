// The ring protocol of one peer: joins its parts and is what a driver hosts.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.Machine;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.sdk.BroadcastReport;
import dev.p2pkit.sdk.NetworkEvent;
import java.util.List;
import java.util.function.Consumer;

/** The ring protocol of one peer. Hosts the broadcast machine too, which needs the same members. */
public final class RingMachine implements Machine {
  /** Broadcasts about membership; the ring keeps these to itself. */
  public static final int TOPIC_MEMBERSHIP = 0;

  /** Broadcasts of programs. */
  public static final int TOPIC_APPLICATION = 1;

  /** Broadcasts of the registry of services. */
  public static final int TOPIC_REGISTRY = 2;

  private final RingConfig config;
  private final Effects effects;
  private final RingListener listener;
  private RingView view;

  /** A peer outside of any ring. */
  public RingMachine(RingConfig config, Effects effects, RingListener listener) {
    this.config = config;
    this.effects = effects;
    this.listener = listener;
    view = RingView.outside(effects.self());
  }

  /** Begins a ring of one. */
  public void create(long now) {
    view = new RingView(effects.self(), true, 1, List.of(), List.of(), List.of(effects.self()));
    listener.onView(view);
    listener.onEvent(new NetworkEvent.Alone());
    listener.onJoined();
  }

  /**
   * Joins the ring of these peers; the listener hears how it went within {@link
   * RingConfig#joinLimit}.
   *
   * @param contacts members of the ring, as their links have proved; tried in this order
   */
  public void join(long now, List<PeerRef> contacts) {}

  /** Leaves in an orderly way; {@link RingListener#onLeft} follows when others have taken over. */
  public void leave(long now) {
    listener.onLeft();
  }

  /** The ring as this peer sees it. */
  public RingView view() {
    return view;
  }

  /** Counters. */
  public RingStatistics statistics() {
    return new RingStatistics(0, 0, 0, 0, config.tries());
  }

  /**
   * Sends to every peer; see {@code Broadcaster#broadcast}.
   *
   * @param topic one of the {@code TOPIC_} numbers but not {@link #TOPIC_MEMBERSHIP}
   * @param deadlineAt when the report is made at the latest, in microseconds
   * @param whenDone gets the report, once
   * @return the number of the broadcast
   */
  public long broadcast(
      long now, int topic, byte[] payload, long deadlineAt, Consumer<BroadcastReport> whenDone) {
    return 0;
  }
}
