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
  final Map<String, Assignment> running = new TreeMap<>();
  final Map<String, Assignment> prepared = new TreeMap<>();

  /** Each activation: {@code accessPoint/instance epoch}. */
  final List<String> history = new ArrayList<>();

  /** Archives whose preparation fails here, with the code. */
  final Map<String, ErrorCode> failing = new TreeMap<>();

  /** Archives that crash soon after they were activated here, so that the runtime reverts them. */
  final Set<String> crashing = new HashSet<>();

  /** What the runtime says of turns, by archive. */
  final Map<String, Tally> tallies = new TreeMap<>();

  /** Archives that were ever loaded here. */
  final Set<String> loaded = new HashSet<>();

  /** Called when the runtime has reverted something; the registry finds it out late otherwise. */
  Runnable whenReverted = () -> {};

  /** Archives that the runtime may go back to by itself. */
  final Set<String> heldBack = new HashSet<>();

  /** Whether others have still to get it, by access point, instance and archive. */
  final Map<String, Boolean> awaited = new TreeMap<>();

  /** What was stopped with its state kept. */
  final Set<String> suspended = new HashSet<>();

  /** What has ended that does not run here. */
  final Set<String> forgotten = new HashSet<>();

  private final Map<String, Assignment> before = new TreeMap<>();
  private final Set<String> reverted = new HashSet<>();
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

  private static String key(Assignment task, String accessPoint) {
    return accessPoint + "/" + task.instance();
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
  public void prepare(Assignment task, String accessPoint, Completion<Step> done) {
    String key = key(task, accessPoint);
    if (!busy.add(key)) {
      throw new AssertionError("two steps of " + key + " at once");
    }
    if (!archives.has(task.archive())) {
      throw new AssertionError("prepared without an archive: " + task);
    }
    ErrorCode code = failing.get(task.archive());
    Step step =
        code == null ? new Step.Done(0) : new Step.Failed(code, "the state cannot be carried over");
    answer(
        prepareTime,
        (now, outcome) -> {
          busy.remove(key);
          if (code == null) {
            prepared.put(key, task);
          }
          done.done(now, outcome);
        },
        step);
  }

  @Override
  public void activate(Assignment task, String accessPoint, Completion<Step> done) {
    String key = key(task, accessPoint);
    if (!task.equals(prepared.remove(key))) {
      throw new AssertionError("activated without being prepared: " + task);
    }
    Assignment old = running.put(key, task);
    reverted.remove(key);
    loaded.add(task.archive());
    if (old != null) {
      before.put(key, old);
      if (crashing.contains(task.archive())) {
        simulation.after(Duration.ofMillis(500), () -> revert(key, task));
      }
    }
    history.add(key + " " + task.epoch());
    answer(Duration.ofMillis(3), done, new Step.Done(3));
  }

  private void revert(String key, Assignment bad) {
    if (bad.equals(running.get(key))) {
      running.put(key, before.get(key));
      reverted.add(key);
      whenReverted.run();
    }
  }

  @Override
  public Optional<Vitals> vitals(String accessPoint, String instance) {
    String key = accessPoint + "/" + instance;
    Assignment runs = running.get(key);
    if (runs == null) {
      return Optional.empty();
    }
    boolean back = reverted.contains(key);
    return Optional.of(
        new Vitals(
            back ? ServiceStatus.Phase.REVERTED : ServiceStatus.Phase.ACTIVE,
            back ? "it crashed" : "",
            runs.archive(),
            tallies.getOrDefault(runs.archive(), Tally.NONE),
            Optional.ofNullable(before.get(key))
                .map(it -> tallies.getOrDefault(it.archive(), Tally.NONE))
                .orElse(Tally.NONE)));
  }

  @Override
  public void awaited(Assignment running, String accessPoint, boolean others) {
    awaited.put(key(running, accessPoint) + " " + running.archive(), others);
  }

  @Override
  public Set<String> archivesInUse(String accessPoint, String instance) {
    String key = accessPoint + "/" + instance;
    Set<String> archives = new HashSet<>();
    Optional.ofNullable(running.get(key)).map(Assignment::archive).ifPresent(archives::add);
    archives.addAll(heldBack);
    return archives;
  }

  @Override
  public void discard(Assignment task, String accessPoint) {
    if (!task.equals(prepared.remove(key(task, accessPoint)))) {
      throw new AssertionError("discarded without being prepared: " + task);
    }
  }

  @Override
  public void rename(Assignment task, String from, String to, Completion<Step> done) {
    Assignment moved = running.remove(key(task, from));
    if (moved == null || !task.archive().equals(moved.archive())) {
      throw new AssertionError("renamed what does not run: " + task);
    }
    if (running.put(key(task, to), moved) != null) {
      throw new AssertionError("two services at " + to);
    }
    answer(Duration.ofMillis(1), done, new Step.Done(0));
  }

  @Override
  public void suspend(Assignment task, String accessPoint) {
    running.remove(key(task, accessPoint));
    suspended.add(key(task, accessPoint));
  }

  @Override
  public void remove(Assignment task, String accessPoint) {
    running.remove(key(task, accessPoint));
  }

  @Override
  public void forget(ServiceRecord record) {
    forgotten.add(record.name() + "/" + record.instance());
  }

  @Override
  public Optional<ServiceStatus.OnPeer> status(String accessPoint, String instance) {
    return Optional.empty();
  }
}
