// The times and bounds of the session directory.
package dev.p2pkit.peer.gateway.directory;

/**
 * The times and bounds of the session directory; times in microseconds.
 *
 * @param refresh how often a proxy peer registers its sessions again; default 3 s
 * @param expiry after how long without that an owner forgets a session; default 15 s
 * @param retry after how long an owner that did not know, or did not answer, is asked again;
 *     default 0.4 s
 * @param unknowns how many times in a row the owner must not know a session before it counts as
 *     gone: a new owner hears of its sessions a moment after it has become one; default 3
 * @param attempts how many times a look-up asks at most; default 8
 * @param cached how long an answer is used again; default 2 s
 * @param entries how many sessions of others are kept; default 100,000
 * @param lookups how many look-ups may be open; default 65,536
 */
public record DirectoryConfig(
    long refresh,
    long expiry,
    long retry,
    int unknowns,
    int attempts,
    long cached,
    int entries,
    int lookups) {
  /** What the parameters' descriptions say. */
  public static final DirectoryConfig DEFAULT =
      new DirectoryConfig(3_000_000, 15_000_000, 400_000, 3, 8, 2_000_000, 100_000, 65_536);

  public DirectoryConfig {
    if (refresh < 1 || expiry <= refresh || retry < 1 || cached < 0) {
      throw new IllegalArgumentException("times are positive, and expiry exceeds refresh");
    }
    if (unknowns < 1 || attempts < unknowns || entries < 1 || lookups < 1) {
      throw new IllegalArgumentException("bounds are positive, and attempts cover the unknowns");
    }
  }
}
