// Which of a peer's machines takes which frame type.
package dev.p2pkit.overlay.simulator;

import dev.p2pkit.overlay.machine.WireCodec;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which of a peer's machines takes which frame type; peers with the same machines share one. */
final class Layout {
  private static final int FRAME_TYPES = 256;
  private static final byte NOBODY = -1;

  static final Layout EMPTY = new Layout(nobody(), 0, "");

  private final byte[] places;
  private final int machines;

  /** The frame types of its machines, in the order of hosting. */
  private final String ranges;

  private Layout(byte[] places, int machines, String ranges) {
    this.places = places;
    this.machines = machines;
    this.ranges = ranges;
  }

  private static byte[] nobody() {
    byte[] places = new byte[FRAME_TYPES];
    Arrays.fill(places, NOBODY);
    return places;
  }

  /** The place of the machine that takes this frame type, or -1. */
  int placeOf(int type) {
    return places[type];
  }

  /** All layouts of a simulation. */
  static final class Registry {
    private final Map<String, Layout> known = new HashMap<>();

    /**
     * A layout with one more machine.
     *
     * @throws IllegalArgumentException if a frame type is taken
     */
    Layout with(Layout before, List<? extends WireCodec> codecs) {
      StringBuilder name = new StringBuilder(before.ranges).append('/');
      for (WireCodec codec : codecs) {
        name.append(codec.firstType()).append('-').append(codec.lastType()).append(' ');
      }
      String ranges = name.toString();
      Layout layout = known.get(ranges);
      if (layout == null) {
        layout = make(before, codecs, ranges);
        known.put(ranges, layout);
      }
      return layout;
    }

    private static Layout make(Layout before, List<? extends WireCodec> codecs, String ranges) {
      byte[] places = before.places.clone();
      for (WireCodec codec : codecs) {
        for (int type = codec.firstType(); type <= codec.lastType(); type++) {
          if (places[type] != NOBODY) {
            throw new IllegalArgumentException("frame type " + type + " has two machines");
          }
          places[type] = (byte) before.machines;
        }
      }
      return new Layout(places, before.machines + 1, ranges);
    }
  }
}
