// News of members by interval broadcast.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.broadcast.Broadcaster;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.sdk.KitException;
import java.util.ArrayList;
import java.util.List;

/** News of members by interval broadcast: all that one step has learnt travels together. */
final class BroadcastDissemination implements Dissemination {
  /** After this long, comparing tables has repaired what the broadcast has missed. */
  private static final long LIFE = 5_000_000;

  private static final int MOST_WAITING = 1_024;

  private final Broadcaster broadcaster;
  private final List<MemberNews> waiting = new ArrayList<>();

  BroadcastDissemination(Broadcaster broadcaster) {
    this.broadcaster = broadcaster;
  }

  @Override
  public void announce(MemberNews news) {
    if (waiting.size() < MOST_WAITING) {
      waiting.add(news);
    }
  }

  @Override
  public void farewell(long now, MemberNews news, long until, Runnable whenTold) {
    try {
      broadcaster.broadcast(
          now, RingMachine.TOPIC_MEMBERSHIP, encode(List.of(news)), until, r -> whenTold.run());
    } catch (KitException tooMany) {
      // The neighbours know; the rest learn it when they compare their tables.
      whenTold.run();
    }
  }

  @Override
  public void onView(long now, RingView view) {
    broadcaster.onView(now, view);
  }

  @Override
  public void flush(long now) {
    if (waiting.isEmpty()) {
      return;
    }
    List<MemberNews> news = List.copyOf(waiting);
    try {
      broadcaster.broadcast(
          now, RingMachine.TOPIC_MEMBERSHIP, encode(news), now + LIFE, report -> {});
      waiting.clear();
    } catch (KitException tooMany) {
      // Some of this peer's broadcasts are still open: tried again at the end of the next step.
    }
  }

  static byte[] encode(List<MemberNews> news) {
    WireWriter out = new WireWriter(64);
    RingFields.news(out, news);
    return out.toBytes();
  }

  static List<MemberNews> decode(byte[] payload) {
    return RingFields.news(new WireReader(payload));
  }
}
