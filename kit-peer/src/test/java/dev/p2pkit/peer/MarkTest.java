// The flags of a message: each has a bit of its own, and they fit the header.
package dev.p2pkit.peer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.routing.Envelope;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MarkTest {
  /** Those that the router reads, all of them, also those that only it may set. */
  private static List<Integer> routersFlags() throws IllegalAccessException {
    List<Integer> flags = new ArrayList<>();
    for (Field field : Envelope.class.getDeclaredFields()) {
      if (Modifier.isStatic(field.getModifiers())
          && field.getType() == int.class
          && !field.getName().equals("FIRST_FREE_FLAG")
          && !field.getName().equals("TRACE_BYTES")) {
        field.setAccessible(true);
        flags.add(field.getInt(null));
      }
    }
    return flags;
  }

  @Test
  void eachFlagOfAMessageIsOneBitOfItsOwn() throws IllegalAccessException {
    List<Integer> flags = routersFlags();
    assertThat(flags).hasSizeGreaterThanOrEqualTo(5);
    assertThat(flags).allMatch(flag -> flag > 0 && flag < Envelope.FIRST_FREE_FLAG);
    for (Mark mark : Mark.values()) {
      assertThat(mark.bit()).as("%s", mark).isBetween(Envelope.FIRST_FREE_FLAG, 1 << 15);
      flags.add(mark.bit());
    }
    assertThat(flags).allMatch(flag -> Integer.bitCount(flag) == 1).doesNotHaveDuplicates();
  }

  /** Peers of an earlier release read them. */
  @Test
  void theBitsAreThoseOfTheFormat() {
    assertThat(Mark.REPEATED.bit()).isEqualTo(256);
    assertThat(Mark.VERSIONED.bit()).isEqualTo(512);
    assertThat(Mark.PERMITTED.bit()).isEqualTo(1024);
  }
}
