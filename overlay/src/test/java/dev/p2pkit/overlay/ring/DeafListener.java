// Somebody who does not care what becomes of a ring machine.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.NetworkEvent;
import java.util.Optional;

/** Takes every broadcast and listens to nothing. */
final class DeafListener implements RingListener {
  @Override
  public void onView(RingView view) {}

  @Override
  public void onEvent(NetworkEvent event) {}

  @Override
  public void onJoined() {}

  @Override
  public void onJoinFailed(ErrorCode code, String detail) {}

  @Override
  public void onLeft() {}

  @Override
  public Optional<ErrorCode> onBroadcast(PeerRef origin, int topic, byte[] payload) {
    return Optional.empty();
  }
}
