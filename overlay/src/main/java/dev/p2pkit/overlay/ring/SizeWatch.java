// Notices that a part of the network has gone at once.
package dev.p2pkit.overlay.ring;

/**
 * How many peers were declared dead in the last minute, against how many there were: when more than
 * three in ten have gone, a cut is likelier than that many deaths. Peers that have left do not
 * count.
 */
final class SizeWatch {
  private static final long SECOND = 1_000_000;
  private static final int SECONDS = 60;
  private static final int MOST_TENTHS = 3;

  private static final int[] NONE = {};

  /** By the second in which they were declared; made with the first of them. */
  private int[] deaths = NONE;

  private long lastSecond;
  private int dead;
  private boolean told;

  void died(long now) {
    turnTo(now);
    if (deaths == NONE) {
      deaths = new int[SECONDS];
    }
    deaths[(int) (lastSecond % SECONDS)]++;
    dead++;
  }

  /** Peers that came back count as never gone. */
  void cameBack(long now, int count) {
    turnTo(now);
    for (int i = 0; i < deaths.length && count > 0; i++) {
      int taken = Math.min(count, deaths[i]);
      deaths[i] -= taken;
      dead -= taken;
      count -= taken;
    }
  }

  /**
   * How many are missing, if they are more than three tenths and that was not said since they were
   * fewer; 0 else.
   */
  int suspicious(long now, int size) {
    turnTo(now);
    boolean many = dead * 10L > MOST_TENTHS * (long) (size + dead);
    boolean tell = many && !told;
    told = many;
    return tell ? dead : 0;
  }

  private void turnTo(long now) {
    long second = now / SECOND;
    if (deaths == NONE) {
      lastSecond = Math.max(lastSecond, second);
    } else if (second - lastSecond >= SECONDS) {
      java.util.Arrays.fill(deaths, 0);
      dead = 0;
      lastSecond = second;
    }
    while (lastSecond < second) {
      lastSecond++;
      int place = (int) (lastSecond % SECONDS);
      dead -= deaths[place];
      deaths[place] = 0;
    }
  }
}
