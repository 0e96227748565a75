// Brings the registry's decisions to the service runtime and its answers back.
package dev.p2pkit.peer;

import dev.p2pkit.client.record.Operation;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.peer.registry.Assignment;
import dev.p2pkit.peer.registry.Deployment;
import dev.p2pkit.peer.registry.archive.ArchiveStore;
import dev.p2pkit.peer.registry.timing.Completion;
import dev.p2pkit.peer.service.Prepared;
import dev.p2pkit.peer.service.Release;
import dev.p2pkit.peer.service.ServiceKey;
import dev.p2pkit.peer.service.ServiceRuntime;
import dev.p2pkit.peer.service.TurnCounts;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.ServiceStatus;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;

/**
 * The registry's {@link Deployment} over the {@link ServiceRuntime}. Called on the control thread
 * alone.
 */
final class RuntimeDeployment implements Deployment {
  private record Waiting(Assignment task, Prepared prepared, long nanos) {}

  private final ServiceRuntime runtime;
  private final ArchiveStore archives;
  private final Consumer<LongConsumer> control;
  private final Map<ServiceKey, Waiting> prepared = new HashMap<>();

  RuntimeDeployment(ServiceRuntime runtime, ArchiveStore archives, Consumer<LongConsumer> control) {
    this.runtime = runtime;
    this.archives = archives;
    this.control = control;
  }

  private static ServiceKey key(Assignment task, String accessPoint) {
    return new ServiceKey(accessPoint, task.instance());
  }

  @Override
  public void prepare(Assignment task, String accessPoint, Completion<Step> done) {
    long began = System.nanoTime();
    ServiceKey key = key(task, accessPoint);
    Release release =
        new Release(
            key,
            task.epoch(),
            task.archive(),
            archives.file(task.archive()),
            task.record().claimHash(),
            task.record().plan().operation() == Operation.GO_BACK);
    then(
        runtime.prepare(release),
        done,
        ready -> {
          Waiting before = prepared.put(key, new Waiting(task, ready, System.nanoTime() - began));
          if (before != null) {
            runtime.discard(before.prepared());
          }
          return new Step.Done(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
        });
  }

  @Override
  public void activate(Assignment task, String accessPoint, Completion<Step> done) {
    Waiting waiting = prepared.remove(key(task, accessPoint));
    if (waiting == null || !waiting.task().equals(task)) {
      control.accept(
          now ->
              done.done(
                  now,
                  new Step.Failed(
                      ErrorCode.NOT_READY,
                      task + " was not prepared on this peer; install again")));
      return;
    }
    then(
        runtime.activate(waiting.prepared()),
        done,
        active -> new Step.Done(TimeUnit.MICROSECONDS.toMillis(active.micros() + 999)));
  }

  @Override
  public void discard(Assignment task, String accessPoint) {
    ServiceKey key = key(task, accessPoint);
    Waiting waiting = prepared.get(key);
    if (waiting != null && waiting.task().equals(task)) {
      prepared.remove(key);
      runtime.discard(waiting.prepared());
    }
  }

  @Override
  public void rename(Assignment task, String from, String to, Completion<Step> done) {
    then(
        runtime.rename(new ServiceKey(from, task.instance()), new ServiceKey(to, task.instance())),
        done,
        renamed -> new Step.Done(0));
  }

  @Override
  public void suspend(Assignment task, String accessPoint) {
    discard(task, accessPoint);
    runtime.suspend(key(task, accessPoint));
  }

  @Override
  public void remove(Assignment task, String accessPoint) {
    discard(task, accessPoint);
    runtime.remove(key(task, accessPoint));
  }

  @Override
  public void forget(ServiceRecord record) {
    // It may have run here when another owner had the name.
    for (String accessPoint : List.of(record.name(), record.longName())) {
      runtime.forget(new ServiceKey(accessPoint, record.instance()), record.claimHash());
    }
  }

  @Override
  public Optional<ServiceStatus.OnPeer> status(String accessPoint, String instance) {
    return runtime.statusOf(new ServiceKey(accessPoint, instance));
  }

  @Override
  public Optional<Vitals> vitals(String accessPoint, String instance) {
    ServiceKey key = new ServiceKey(accessPoint, instance);
    return status(accessPoint, instance)
        .map(
            status ->
                new Vitals(
                    status.phase(),
                    status.detail(),
                    status.archive(),
                    tally(runtime.countsOf(key)),
                    tally(runtime.countsBefore(key))));
  }

  @Override
  public void awaited(Assignment running, String accessPoint, boolean others) {
    runtime.awaited(key(running, accessPoint), running.archive(), others);
  }

  @Override
  public Set<String> archivesInUse(String accessPoint, String instance) {
    return runtime.archivesInUse(new ServiceKey(accessPoint, instance));
  }

  private static Tally tally(TurnCounts counts) {
    return new Tally(counts.turns(), counts.failed(), counts.micros());
  }

  private <T> void then(
      CompletableFuture<T> stage, Completion<Step> done, Function<T, Step> success) {
    CompletableFuture<?> unused =
        stage.whenComplete(
            (value, failed) ->
                control.accept(
                    now -> {
                      if (failed == null) {
                        done.done(now, success.apply(value));
                      } else {
                        KitException reason = KitException.from(failed);
                        done.done(now, new Step.Failed(reason.code(), reason.detail()));
                      }
                    }));
  }
}
