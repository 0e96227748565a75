// What the upgrade bench does.
package dev.p2pkit.peer.cli.bench;

import dev.p2pkit.sdk.Durability;

/**
 * Settings of the upgrade bench.
 *
 * @param peers how many, the caller included, 2 to 1,000
 * @param processes how many processes the others share, 1 to 64
 * @param callsPerSecond how many calls are made, over all peers, 1 to 100,000
 * @param upgrades how many versions follow the first, 1 to 1,000
 * @param bad how many of them are bad, by turns in their migration and at every call; fewer than
 *     {@code upgrades}, and never the last
 * @param durability that of the service
 */
public record UpgradeSettings(
    int peers, int processes, int callsPerSecond, int upgrades, int bad, Durability durability) {
  /** Checks the ranges; fails with {@link IllegalArgumentException}. */
  public UpgradeSettings {
    if (peers < 2 || peers > 1_000) {
      throw new IllegalArgumentException("--peers is 2 to 1000, not " + peers);
    }
    if (processes < 1 || processes > 64 || processes >= peers) {
      throw new IllegalArgumentException(
          "--processes is 1 to 64, and fewer than the peers, not " + processes);
    }
    if (callsPerSecond < 1 || callsPerSecond > 100_000) {
      throw new IllegalArgumentException(
          "--calls-per-second is 1 to 100000, not " + callsPerSecond);
    }
    if (upgrades < 1 || upgrades > 1_000) {
      throw new IllegalArgumentException("--upgrades is 1 to 1000, not " + upgrades);
    }
    if (bad < 0 || bad >= upgrades) {
      throw new IllegalArgumentException(
          "--bad is 0 to one less than the upgrades, for the last one is good, not " + bad);
    }
  }

  /** What is wrong with an upgrade, the first of which has the number 1. */
  TallyArchive.Fault faultOf(int upgrade) {
    // The bad ones are spread evenly over all but the last.
    int before = (upgrade - 1) * bad / (upgrades - 1 == 0 ? 1 : upgrades - 1);
    int after = upgrade == upgrades ? before : upgrade * bad / (upgrades - 1);
    if (before == after) {
      return TallyArchive.Fault.NONE;
    }
    return after % 2 == 1 ? TallyArchive.Fault.MIGRATION : TallyArchive.Fault.CRASH;
  }
}
