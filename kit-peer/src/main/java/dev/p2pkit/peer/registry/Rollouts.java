// The rollouts that this peer carries through.
package dev.p2pkit.peer.registry;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.peer.registry.RegistryMessage.Abort;
import dev.p2pkit.peer.registry.RegistryMessage.Accepted;
import dev.p2pkit.peer.registry.RegistryMessage.Active;
import dev.p2pkit.peer.registry.RegistryMessage.Commit;
import dev.p2pkit.peer.registry.RegistryMessage.Prepared;
import dev.p2pkit.peer.registry.RegistryMessage.Refused;
import dev.p2pkit.peer.registry.timing.Alarms;
import dev.p2pkit.peer.registry.timing.Completion;
import dev.p2pkit.peer.registry.timing.Result;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.UpdateReport;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;

/** Starts rollouts and brings answers to them. */
final class Rollouts {
  private static final int MAX_OPEN = 64;
  private static final int MAX_ENDED = 256;

  private final RegistryConfig config;
  private final Courier courier;
  private final Alarms alarms;
  private final Map<Long, Rollout> open = new TreeMap<>();

  /** Whether a rollout that has ended put its record in force: for those who answer late. */
  private final Map<Long, Boolean> ended =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Boolean> eldest) {
          return size() > MAX_ENDED;
        }
      };

  private long last;

  Rollouts(RegistryConfig config, Courier courier, Alarms alarms) {
    this.config = config;
    this.courier = courier;
    this.alarms = alarms;
    // A peer that was restarted must not take answers to its former self for its own.
    this.last = courier.self().incarnation() << 16;
  }

  void begin(
      long now,
      InstallRequest request,
      RingView view,
      LongConsumer enact,
      Completion<Result<UpdateReport>> done) {
    if (open.size() >= MAX_OPEN) {
      done.done(
          now, new Result.Failure<>(ErrorCode.BUSY, "this peer carries through too many installs"));
      return;
    }
    long id = ++last;
    Rollout rollout =
        new Rollout(
            config,
            courier,
            alarms,
            id,
            request,
            view,
            enact,
            (then, outcome) -> {
              open.remove(id);
              ended.put(id, outcome instanceof Result.Value);
              done.done(then, outcome);
            });
    open.put(id, rollout);
    rollout.start(now);
  }

  /** Whether a rollout of this peer brings an archive to those who show a grant. */
  boolean grants(String archive, Key grant) {
    return open.values().stream().anyMatch(rollout -> rollout.grants(archive, grant));
  }

  void onAccepted(long now, PeerRef from, Accepted accepted) {
    Rollout rollout = open.get(accepted.rollout());
    if (rollout != null) {
      rollout.onAccepted(now, from.id());
    } else {
      late(now, from, accepted.rollout());
    }
  }

  void onPrepared(long now, PeerRef from, Prepared prepared) {
    Rollout rollout = open.get(prepared.rollout());
    if (rollout != null) {
      rollout.onPrepared(now, from.id());
    } else {
      late(now, from, prepared.rollout());
    }
  }

  private void late(long now, PeerRef from, long id) {
    boolean inForce = ended.getOrDefault(id, false);
    courier.send(now, from, inForce ? new Commit(id) : new Abort(id));
  }

  void onRefused(long now, PeerRef from, Refused refused) {
    Rollout rollout = open.get(refused.rollout());
    if (rollout != null) {
      rollout.onRefused(now, from.id(), refused.code(), refused.detail());
    }
  }

  void onActive(long now, PeerRef from, Active active) {
    Rollout rollout = open.get(active.rollout());
    if (rollout != null) {
      rollout.onActive(now, from.id(), active);
    }
  }

  void onView(long now, RingView view) {
    List.copyOf(open.values()).forEach(rollout -> rollout.onView(now, view));
  }

  /** The process of a peer is dead. */
  void onGone(long now, PeerId peer) {
    List.copyOf(open.values()).forEach(rollout -> rollout.onGone(now, peer));
  }
}
