// The whole plan of a staged roll-out, signed with the record that carries it.
package dev.p2pkit.client.record;

import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * In which waves an edition reaches the peers. Every peer opens its own wave, when its time has
 * come and the waves before are healthy; nobody coordinates. What the owner signs later only
 * pauses, hastens or aborts.
 *
 * @param waves first to last, at most {@value #MAX_WAVES}; empty to reach all peers at once
 * @param limits the health that a wave needs of those before it
 * @param paused whether no further wave opens
 * @param opened how many waves the owner has opened by hand, whatever their time and health
 */
public record Schedule(List<Wave> waves, HealthLimits limits, boolean paused, int opened) {
  /** How many waves a schedule has at most. */
  public static final int MAX_WAVES = 32;

  /** All peers at once. */
  public static final Schedule AT_ONCE = new Schedule(List.of(), HealthLimits.DEFAULT, false, 0);

  /** Checks all bounds. */
  public Schedule {
    waves = List.copyOf(waves);
    if (waves.size() > MAX_WAVES) {
      throw new IllegalArgumentException("a roll-out has at most " + MAX_WAVES + " waves");
    }
    if (!waves.isEmpty() && waves.get(waves.size() - 1).share() != Wave.ALL) {
      throw new IllegalArgumentException("the last wave of a roll-out takes all peers");
    }
    for (int i = 1; i < waves.size(); i++) {
      if (waves.get(i).notBefore() < waves.get(i - 1).notBefore()) {
        throw new IllegalArgumentException(
            "the waves of a roll-out are in the order of their times");
      }
    }
    if (opened < 0 || opened > waves.size() || (paused && waves.isEmpty())) {
      throw new IllegalArgumentException(
          "only a roll-out in waves is paused, and no more waves are opened than there are");
    }
  }

  /** Whether peers take turns. */
  public boolean staged() {
    return !waves.isEmpty();
  }

  /**
   * The wave of a peer, counted from 0; 0 if all are reached at once.
   *
   * @param place as {@link Wave#place} says
   * @param labels of the peer
   */
  public int waveOf(int place, Map<String, String> labels) {
    for (int i = 0; i < waves.size(); i++) {
      if (waves.get(i).takes(place, labels)) {
        return i;
      }
    }
    return 0;
  }

  /** The same, stopped or going on. */
  public Schedule paused(boolean stop) {
    return new Schedule(waves, limits, stop, opened);
  }

  /** The same, going on, with so many waves opened by hand. */
  public Schedule opened(int count) {
    return new Schedule(waves, limits, false, count);
  }

  /**
   * The same, going on, with one more wave opened by hand at this moment. Those that open by
   * themselves keep their distance from it, so that it has the time to show how it does.
   *
   * @param wallMillis the signer's clock, milliseconds since 1970
   */
  public Schedule promoted(long wallMillis) {
    int last = Math.min(waves.size(), Math.max(1, opened) + 1) - 1;
    long planned = waves.get(last).notBefore();
    List<Wave> moved = new ArrayList<>(waves.size());
    for (int i = 0; i < waves.size(); i++) {
      Wave wave = waves.get(i);
      long notBefore = wave.notBefore();
      if (i < last) {
        notBefore = Math.min(notBefore, wallMillis);
      } else if (planned != Wave.WHEN_PROMOTED && notBefore != Wave.WHEN_PROMOTED) {
        notBefore = wallMillis + (notBefore - planned);
      }
      moved.add(new Wave(wave.share(), wave.label(), notBefore));
    }
    return new Schedule(moved, limits, false, last + 1);
  }

  void encode(WireWriter out) {
    out.u8(waves.size());
    if (staged()) {
      waves.forEach(wave -> wave.encode(out));
      limits.encode(out);
      out.bool(paused).u8(opened);
    }
  }

  static Schedule decode(WireReader in) {
    int count = in.u8();
    if (count == 0) {
      return AT_ONCE;
    }
    if (count > MAX_WAVES) {
      throw new WireException("a service record with " + count + " waves");
    }
    List<Wave> waves = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      waves.add(Wave.decode(in));
    }
    return new Schedule(waves, HealthLimits.decode(in), in.bool(), in.u8());
  }
}
