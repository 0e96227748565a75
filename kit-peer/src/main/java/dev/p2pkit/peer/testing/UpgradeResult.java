// What an upgrade under load has come to.
package dev.p2pkit.peer.testing;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import java.util.Map;
import java.util.Optional;

/**
 * What an upgrade under load has come to. {@code lost} and {@code doubled} are in units of the
 * calls' weights, so in calls where all weigh one; a call that failed with an unknown outcome may
 * have been counted or not, and is neither.
 *
 * @param acknowledged how many calls were acknowledged
 * @param lost what was acknowledged and is not in the count of its peer
 * @param doubled what is in the count of a peer and was not called, or was called once
 * @param failures how many calls have failed, by code
 * @param answers how many acknowledged calls each version has answered; empty if nobody said how to
 *     tell ({@link UpgradeTest#answeredBy})
 * @param versions what each peer runs in the end
 * @param refusal why the upgrade was refused; empty if it was not
 */
public record UpgradeResult(
    long acknowledged,
    long lost,
    long doubled,
    Map<ErrorCode, Long> failures,
    Map<String, Long> answers,
    Map<PeerId, String> versions,
    Optional<KitException> refusal) {
  /** Copies the maps. */
  public UpgradeResult {
    failures = Map.copyOf(failures);
    answers = Map.copyOf(answers);
    versions = Map.copyOf(versions);
  }

  /** Whether each acknowledged call was counted once, and nothing else was. */
  public boolean countedOnce() {
    return lost == 0 && doubled == 0;
  }
}
