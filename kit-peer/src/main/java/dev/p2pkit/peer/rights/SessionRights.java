// What the client of one session has shown that it may call.
package dev.p2pkit.peer.rights;

import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.client.ticket.CallerProof;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Proofs are verified once, when they are shown; a message costs comparisons only: with the
 * generation of the record in force, which a revocation changes, and with the clock. Thread-safe.
 */
public final class SessionRights implements Caller {
  /** How many services a session may show rights for; the earliest is forgotten. */
  static final int MOST = 64;

  private final Clock clock;
  private volatile Map<Target, Right> rights = Map.of();

  /** A session that has shown nothing. */
  public SessionRights(Clock clock) {
    this.clock = clock;
  }

  private record Target(String name, String instance, String owner) {}

  private record Right(int generation, long expiry) {}

  /**
   * Takes a proof; about half a millisecond for each signature.
   *
   * @param inForce the record that it is for; empty if there is none
   * @throws KitException with what is wrong
   */
  public synchronized void show(
      CallerProof proof, Optional<ServiceRecord> inForce, Key session, PeerId self) {
    ServiceRecord record =
        inForce.orElseThrow(
            () ->
                new KitException(
                    ErrorCode.NO_SUCH_SERVICE,
                    "no service "
                        + proof.name()
                        + "/"
                        + proof.instance()
                        + " of the ticket's owner is installed"));
    proof.check(record, session, self, clock.instant().getEpochSecond());
    Map<Target, Right> all = new LinkedHashMap<>(rights);
    Target target = target(record);
    all.remove(target);
    all.put(target, new Right(record.generation(), proof.expiry()));
    if (all.size() > MOST) {
      all.remove(all.keySet().iterator().next());
    }
    rights = all;
  }

  private static Target target(ServiceRecord record) {
    return new Target(record.name(), record.instance(), record.owner());
  }

  @Override
  public boolean may(ServiceRecord record) {
    Right right = rights.get(target(record));
    return right != null
        && right.generation() == record.generation()
        && clock.instant().getEpochSecond() <= right.expiry();
  }
}
