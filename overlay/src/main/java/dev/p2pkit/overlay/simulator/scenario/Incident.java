// Something that the scenario does to the network.
package dev.p2pkit.overlay.simulator.scenario;

/**
 * Something that the scenario does to the network at some time.
 *
 * @param at when, in microseconds from the beginning
 * @param kind what
 * @param amount to how many
 * @param lasting for how long, in microseconds; 0 where that has no meaning
 */
public record Incident(long at, Kind kind, Amount amount, long lasting) {
  /** What can happen. */
  public enum Kind {
    /** Processes die; their hosts live on and close the links. */
    KILL("kill", false),
    /** Hosts die: nobody is told. */
    SILENCE("silence", false),
    /** Peers leave in an orderly way. */
    LEAVE("leave", false),
    /** New peers join. */
    JOIN("join", false),
    /** Processes die and start again at once, with the same identity. */
    RESTART("restart", false),
    /** Processes stop for a while without ending. */
    PAUSE("pause", true),
    /** So many peers are cut off from the others for a while. */
    PARTITION("partition", true),
    /** So many pairs of peers cannot reach each other for a while. */
    CUT("cut", true),
    /** In so many pairs of peers one cannot reach the other for a while. */
    DEAFEN("deafen", true);

    private final String word;
    private final boolean lasts;

    Kind(String word, boolean lasts) {
      this.word = word;
      this.lasts = lasts;
    }

    /** The word in a scenario file. */
    public String word() {
      return word;
    }

    /** Whether it lasts for a while. */
    public boolean lasts() {
      return lasts;
    }
  }

  public Incident {
    if (at < 0 || lasting < 0 || (kind.lasts() && lasting == 0)) {
      throw new IllegalArgumentException("'" + kind.word() + "' needs how long it lasts: for 5s");
    }
  }

  /** As a line of a scenario file. */
  @Override
  public String toString() {
    String line = "at " + Values.span(at) + " " + kind.word() + " " + amount;
    return kind.lasts() ? line + " for " + Values.span(lasting) : line;
  }
}
