// Judges a run: compares what the clients were told with what the peers wrote down.
package dev.p2pkit.peer.cli.demo;

import dev.p2pkit.sdk.ErrorCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a run has shown.
 *
 * @param calls how many calls were made
 * @param acknowledged how many were answered
 * @param failures the others, by code
 * @param lost answered calls that stand in no journal
 * @param doubled messages that stand in the journals more than once, answered or not
 * @param unknown journal lines that no client has sent
 * @param recoveryMillis from the kill to the first successful call for a key of the killed peer;
 *     empty if there was none
 * @param allRecoveredMillis from the kill until every client had such a call; empty if one never
 *     had
 * @param failedOutside failed calls for other keys, or made before the kill's effects or after
 *     recovery
 * @param outdated calls that were made after a peer had reported version 2 and were answered by its
 *     version 1, and journal lines of version 1 after one of version 2
 */
record Verdict(
    long calls,
    long acknowledged,
    Map<ErrorCode, Long> failures,
    long lost,
    long doubled,
    long unknown,
    OptionalLong recoveryMillis,
    OptionalLong allRecoveredMillis,
    long failedOutside,
    long outdated) {

  Verdict {
    failures = Map.copyOf(failures);
  }

  long failed() {
    return calls - acknowledged;
  }

  static Verdict of(Collection<Call> calls, Collection<Journal> journals, Incident incident) {
    Map<String, Integer> processed = new HashMap<>();
    long outdated = 0;
    for (Journal journal : journals) {
      journal.lines().forEach(line -> processed.merge(line.id(), 1, Integer::sum));
      outdated += journal.olderAfterNewer();
    }
    Set<String> sent = new HashSet<>();
    Map<ErrorCode, Long> failures = new EnumMap<>(ErrorCode.class);
    long acknowledged = 0;
    long lost = 0;
    for (Call call : calls) {
      sent.add(call.id());
      if (call.outcome() instanceof Call.Outcome.Failed failed) {
        failures.merge(failed.code(), 1L, Long::sum);
      } else {
        acknowledged++;
        if (!processed.containsKey(call.id())) {
          lost++;
        }
        if (answeredByOlder(call, incident)) {
          outdated++;
        }
      }
    }
    TreeMap<Integer, Long> recovered = recoveryByClient(calls, incident);
    boolean all = recovered.keySet().containsAll(clients(calls)) && !recovered.isEmpty();
    OptionalLong last =
        all ? recovered.values().stream().mapToLong(Long::longValue).max() : OptionalLong.empty();
    OptionalLong first = recovered.values().stream().mapToLong(Long::longValue).min();
    long outside =
        calls.stream()
            .filter(call -> !call.acknowledged())
            .filter(call -> !excused(call, incident, last))
            .count();
    return new Verdict(
        calls.size(),
        acknowledged,
        failures,
        lost,
        processed.values().stream().filter(times -> times > 1).count(),
        processed.keySet().stream().filter(id -> !sent.contains(id)).count(),
        millis(first),
        millis(last),
        outside,
        outdated);
  }

  /** How many clients have had a successful call for a key of the killed peer since the kill. */
  static int recoveredClients(Collection<Call> calls, Incident incident) {
    return recoveryByClient(calls, incident).size();
  }

  private static Set<Integer> clients(Collection<Call> calls) {
    Set<Integer> clients = new TreeSet<>();
    calls.forEach(call -> clients.add(call.client()));
    return clients;
  }

  private static boolean answeredByOlder(Call call, Incident incident) {
    if (call.outcome() instanceof Call.Outcome.Answered answer && answer.version() < 2) {
      Long since = incident.upgradedAt().get(answer.peer());
      return since != null && call.start() - since > 0;
    }
    return false;
  }

  /** For each client: nanoseconds from the kill to its first success with a dead key. */
  private static TreeMap<Integer, Long> recoveryByClient(
      Collection<Call> calls, Incident incident) {
    TreeMap<Integer, Long> recovered = new TreeMap<>();
    for (Call call : calls) {
      if (call.acknowledged()
          && incident.concerns(call.key())
          && call.start() - incident.killedAt() >= 0) {
        recovered.merge(call.client(), call.end() - incident.killedAt(), Math::min);
      }
    }
    return recovered;
  }

  /** A call may fail if the killed peer owned its key and it overlaps the time of recovery. */
  private static boolean excused(Call call, Incident incident, OptionalLong recoveryNanos) {
    return incident.concerns(call.key())
        && call.end() - incident.killedAt() >= 0
        && recoveryNanos.isPresent()
        && call.start() - incident.killedAt() <= recoveryNanos.getAsLong();
  }

  private static OptionalLong millis(OptionalLong nanos) {
    return nanos.isPresent()
        ? OptionalLong.of(Duration.ofNanos(nanos.getAsLong()).toMillis())
        : nanos;
  }

  /** The conditions that this run does not meet; empty if it shows what the demo promises. */
  List<String> complaints(long wanted, Duration longestRecovery) {
    List<String> complaints = new ArrayList<>();
    check(complaints, lost == 0, lost + " acknowledged calls are in no journal");
    check(complaints, doubled == 0, doubled + " messages were processed more than once");
    check(complaints, unknown == 0, unknown + " journal lines were sent by nobody");
    check(
        complaints,
        acknowledged >= wanted,
        acknowledged + " calls were acknowledged; " + wanted + " are wanted");
    check(
        complaints,
        allRecoveredMillis.isPresent(),
        "a client had no successful call for the killed peer's keys");
    check(
        complaints,
        allRecoveredMillis.orElse(0) <= longestRecovery.toMillis(),
        "recovery of all clients took " + allRecoveredMillis.orElse(0) + " ms");
    check(
        complaints,
        failedOutside == 0,
        failedOutside + " calls failed for other keys or outside of the time of recovery");
    check(complaints, outdated == 0, outdated + " messages were processed by version 1 after 2");
    return complaints;
  }

  private static void check(List<String> complaints, boolean holds, String otherwise) {
    if (!holds) {
      complaints.add(otherwise);
    }
  }
}
