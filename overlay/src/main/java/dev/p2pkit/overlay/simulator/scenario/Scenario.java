// What a simulated network is like and what happens to it.
package dev.p2pkit.overlay.simulator.scenario;

import dev.p2pkit.overlay.simulator.NetworkConditions;
import dev.p2pkit.sdk.OwnerCheck;
import dev.p2pkit.sdk.OwnershipMode;
import java.util.List;

/**
 * What a simulated network is like and what happens to it. Times in microseconds. Made by {@link
 * ScenarioBuilder}, from words.
 *
 * @param name what it is called in reports
 * @param peers how many begin, 1 to 2,000,000
 * @param length how long it is watched before the faults end
 * @param session how long a peer lives on average; 0 if nobody dies by age. For each that dies one
 *     joins
 * @param silent whether those who die by age or by {@code --kill} die with their host
 * @param conditions the network
 * @param mode how careful the owners are
 * @param sendsPerSecond messages by key, all peers together
 * @param senders how many peers send; each has eight keys of its own
 * @param broadcasts how many, evenly spread
 * @param payload bytes of a message or broadcast
 * @param deadline of a message
 * @param repeatable whether a message whose owner may have died with it goes to the next owner, and
 *     so may be processed again there
 * @param level of the routing table, 1 to 4; 0 as measured by the peers
 * @param budget bytes a second a peer may spend on maintenance
 * @param drift up to how many thousandths clocks run fast or slow
 * @param colluding which share of the peers drops what it should pass on, and lies, together
 * @param check what the owner of a key must show before it gets a message
 * @param faults whether the fault sites in the code are switched on, some of them, as the seed says
 * @param formed whether the ring is there at the beginning; else its peers join one by one
 * @param fast whether heartbeats are those for networks with short ways
 * @param settle how long the network may take to be whole when all faults have ended; 0 if nobody
 *     looks
 * @param sizes one message in so many is measured; 1 for all
 * @param incidents what happens, in the order of time
 */
public record Scenario(
    String name,
    int peers,
    long length,
    long session,
    boolean silent,
    NetworkConditions conditions,
    OwnershipMode mode,
    int sendsPerSecond,
    int senders,
    int broadcasts,
    int payload,
    long deadline,
    boolean repeatable,
    int level,
    int budget,
    int drift,
    double colluding,
    OwnerCheck check,
    boolean faults,
    boolean formed,
    boolean fast,
    long settle,
    int sizes,
    List<Incident> incidents) {
  /** Copies the list. */
  public Scenario {
    incidents = List.copyOf(incidents);
  }

  /** Whether the network is ever divided. */
  public boolean isDivided() {
    return incidents.stream().anyMatch(incident -> incident.kind() == Incident.Kind.PARTITION);
  }
}
