// A runtime that remembers what was asked of it.
package dev.p2pkit.peer.registry;

import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.overlay.simulator.SimulatedPeer;
import dev.p2pkit.overlay.simulator.Simulation;
import dev.p2pkit.peer.registry.timing.Completion;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.ServiceStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What runs on a simulated peer, by access point and instance, and how it came to that. */
final class MemoryDeployment implements Deployment {
  final Map<String, ServiceRecord> running = new TreeMap<>();
  final Map<String, ServiceRecord> prepared = new TreeMap<>();

  /** Each activation: {@code accessPoint/instance epoch}. */
  final List<String> history = new ArrayList<>();

  /** Archives whose preparation fails here, with the code. */
  final Map<String, ErrorCode> failing = new TreeMap<>();

  private final Simulation simulation;
  private final SimulatedPeer peer;
  private final MemoryArchives archives;
  private final Set<String> busy = new HashSet<>();
  Duration prepareTime = Duration.ofMillis(120);

  MemoryDeployment(Simulation simulation, SimulatedPeer peer, MemoryArchives archives) {
    this.simulation = simulation;
    this.peer = peer;
    this.archives = archives;
  }

  private static String key(ServiceRecord record, String accessPoint) {
    return accessPoint + "/" + record.instance();
  }

  private void answer(Duration after, Completion<Step> done, Step step) {
    long incarnation = peer.ref().incarnation();
    simulation.after(
        after,
        () -> {
          if (peer.alive() && peer.ref().incarnation() == incarnation) {
            peer.later(now -> done.done(now, step));
          }
        });
  }

  @Override
  public void prepare(ServiceRecord record, String accessPoint, Completion<Step> done) {
    String key = key(record, accessPoint);
    if (!busy.add(key)) {
      throw new AssertionError("two steps of " + key + " at once");
    }
    if (!archives.has(record.archive())) {
      throw new AssertionError("prepared without an archive: " + record);
    }
    ErrorCode code = failing.get(record.archive());
    Step step =
        code == null ? new Step.Done(0) : new Step.Failed(code, "the state cannot be carried over");
    answer(
        prepareTime,
        (now, outcome) -> {
          busy.remove(key);
          if (code == null) {
            prepared.put(key, record);
          }
          done.done(now, outcome);
        },
        step);
  }

  @Override
  public void activate(ServiceRecord record, String accessPoint, Completion<Step> done) {
    String key = key(record, accessPoint);
    if (!record.equals(prepared.remove(key))) {
      throw new AssertionError("activated without being prepared: " + record);
    }
    running.put(key, record);
    history.add(key + " " + record.epoch());
    answer(Duration.ofMillis(3), done, new Step.Done(3));
  }

  @Override
  public void discard(ServiceRecord record, String accessPoint) {
    if (!record.equals(prepared.remove(key(record, accessPoint)))) {
      throw new AssertionError("discarded without being prepared: " + record);
    }
  }

  @Override
  public void rename(ServiceRecord record, String from, String to, Completion<Step> done) {
    ServiceRecord moved = running.remove(key(record, from));
    if (!record.equals(moved)) {
      throw new AssertionError("renamed what does not run: " + record);
    }
    if (running.put(key(record, to), moved) != null) {
      throw new AssertionError("two services at " + to);
    }
    answer(Duration.ofMillis(1), done, new Step.Done(0));
  }

  @Override
  public void remove(ServiceRecord record, String accessPoint) {
    running.remove(key(record, accessPoint));
  }

  @Override
  public Optional<ServiceStatus.OnPeer> status(String accessPoint, String instance) {
    return Optional.empty();
  }
}
