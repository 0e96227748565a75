// The budget of the routing table.
package dev.p2pkit.overlay.ring;

/**
 * The budget and the numbers of the routing table.
 *
 * @param bytesPerSecond what the overlay may send a second, in bytes before TLS and TCP
 * @param tableBytes what the routing table may take of memory
 * @param contacts how many contacts are kept in a sector outside of the arc
 * @param fixedLevel 1 to 4: always this level; 0: the smallest level whose measured cost fits the
 *     budget
 * @param fixedArcBits with a fixed level above 1: the arc reaches over 2^-n of the ring to each
 *     side; 0: chosen by size
 */
public record LadderConfig(
    int bytesPerSecond, long tableBytes, int contacts, int fixedLevel, int fixedArcBits) {
  /** How many contacts a sector can have. */
  public static final int MOST_CONTACTS = 16;

  /** How often over the memory of the table may be filled before a shape is found that fits. */
  private static final int TIMES_MEMORY = 4;

  /** What an entry takes. */
  private static final int ENTRY_BYTES = 96;

  /** What all peers use unless told otherwise. */
  public static final LadderConfig DEFAULT = new LadderConfig(4_096, 16L << 20, 2, 0, 0);

  /**
   * The same with another budget.
   *
   * @throws IllegalArgumentException if it is less than 256 bytes a second or 4,096 bytes
   */
  public LadderConfig withBudget(int otherBytesPerSecond, long otherTableBytes) {
    return new LadderConfig(
        otherBytesPerSecond, otherTableBytes, contacts, fixedLevel, fixedArcBits);
  }

  /**
   * The same with another number of contacts in a sector.
   *
   * @throws IllegalArgumentException if it is not 1 to 16
   */
  public LadderConfig withContacts(int number) {
    return new LadderConfig(bytesPerSecond, tableBytes, number, fixedLevel, fixedArcBits);
  }

  /** The same with a level that does not change: 1 to 4. */
  public LadderConfig withFixedLevel(int level) {
    return new LadderConfig(bytesPerSecond, tableBytes, contacts, level, fixedArcBits);
  }

  public LadderConfig {
    if (bytesPerSecond < 256
        || tableBytes < 4_096
        || contacts < 1
        || contacts > MOST_CONTACTS
        || fixedLevel < 0
        || fixedLevel > 4
        || fixedArcBits < 0
        || fixedArcBits > 63) {
      throw new IllegalArgumentException(
          "a budget is at least 256 bytes a second and 4,096 bytes of memory, a sector has 1 to 16 contacts, and levels are 1 to 4");
    }
  }

  /** How many members a table has at most, whatever others say: who lies can name millions. */
  long mostEntries() {
    return TIMES_MEMORY * tableBytes / ENTRY_BYTES;
  }
}
