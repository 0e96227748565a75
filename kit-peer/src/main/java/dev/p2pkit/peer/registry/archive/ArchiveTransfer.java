// Fetches archives from other peers in verified chunks, and serves those that are here.
package dev.p2pkit.peer.registry.archive;

import dev.p2pkit.client.record.Chunks;
import dev.p2pkit.client.record.Edition;
import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.Machine;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.peer.registry.archive.ArchiveFetch.Asked;
import dev.p2pkit.peer.registry.archive.ArchiveMessage.Chunk;
import dev.p2pkit.peer.registry.archive.ArchiveMessage.ChunkRefused;
import dev.p2pkit.peer.registry.archive.ArchiveMessage.ChunkRequest;
import dev.p2pkit.peer.registry.archive.ArchiveMessage.Reason;
import dev.p2pkit.peer.registry.timing.Alarms;
import dev.p2pkit.peer.registry.timing.Completion;
import dev.p2pkit.peer.registry.timing.Result;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transfer of archives as a machine. A fetch asks several peers at once, checks each chunk
 * against the record's list, puts a peer aside that sends a wrong one, and checks the whole at the
 * end. No more than a window of chunks is in memory.
 */
public final class ArchiveTransfer implements Machine {
  private static final Logger LOG = LoggerFactory.getLogger(ArchiveTransfer.class);

  private final TransferConfig config;
  private final Effects effects;
  private final ArchiveStorage storage;
  private final Alarms alarms;
  private final Map<String, ArchiveFetch> fetches = new TreeMap<>();
  private final Map<Long, ArchiveFetch> byRequest = new TreeMap<>();
  private final ArchiveServer server;
  private RingView view;
  private long lastId;

  private long fetched;
  private long failed;
  private long received;
  private long bad;
  private BiConsumer<PeerRef, Edition> tampered = (from, edition) -> {};
  private long unexpected;

  /** A transfer with the default settings. */
  public ArchiveTransfer(Effects effects, ArchiveStorage storage) {
    this(TransferConfig.DEFAULT, effects, storage);
  }

  /** A transfer between this peer's storage and others'. */
  public ArchiveTransfer(TransferConfig config, Effects effects, ArchiveStorage storage) {
    this.config = config;
    this.effects = effects;
    this.storage = storage;
    this.alarms = new Alarms(effects);
    this.server = new ArchiveServer(config.serving(), effects, storage, alarms);
    this.view = RingView.outside(effects.self());
  }

  /** Who decides whether an archive may be given to a peer that shows a grant. */
  public void serveIf(BiPredicate<String, Key> policy) {
    server.allowed = policy;
  }

  /** Who hears of peers that send something else than the record says. */
  public void onTampered(BiConsumer<PeerRef, Edition> listener) {
    tampered = listener;
  }

  /** Deletes an archive that nothing here needs any more. */
  public void forget(String hash) {
    storage.forget(hash);
  }

  /** The hashes of all archives that are here. */
  public Set<String> held() {
    return storage.all();
  }

  /** Whether an archive is here. */
  public boolean has(String hash) {
    return storage.has(hash);
  }

  /**
   * Brings an archive here. A second fetch of the same archive joins the first.
   *
   * @param grant what this peer was prepared with; {@link Key#ZERO} for none
   * @param holders peers that probably have it; others are tried when these fail
   * @param deadlineAt when to give up, in the machine's microseconds
   * @param done the hash; {@link ErrorCode#BAD_ARCHIVE} if the record contradicts itself, {@link
   *     ErrorCode#NO_ROUTE} if no peer gave it in time, or none gives it to this one, {@link
   *     ErrorCode#QUOTA} if it could not be kept
   */
  public void fetch(
      long now,
      Edition edition,
      Key grant,
      Collection<PeerRef> holders,
      long deadlineAt,
      Completion<Result<String>> done) {
    String hash = edition.archive();
    if (storage.has(hash)) {
      storage.check(
          hash,
          alarms.deferred(
              (then, whole) -> {
                if (whole) {
                  done.done(then, new Result.Value<>(hash));
                } else {
                  bring(then, edition, grant, holders, deadlineAt, done);
                }
              }));
    } else {
      bring(now, edition, grant, holders, deadlineAt, done);
    }
  }

  private void bring(
      long now,
      Edition edition,
      Key grant,
      Collection<PeerRef> holders,
      long deadlineAt,
      Completion<Result<String>> done) {
    String hash = edition.archive();
    ArchiveFetch running = fetches.get(hash);
    // One archive has one chunk list: who states another is answered when the true one has come.
    if (running != null && !running.edition.chunks().equals(edition.chunks())) {
      running.waiting.add(
          (then, outcome) -> fetch(then, edition, grant, holders, deadlineAt, done));
      return;
    }
    if (running != null) {
      running.waiting.add(done);
      running.addHolders(others(holders));
      if (running.grant.equals(Key.ZERO)) {
        running.grant = grant;
      }
      if (deadlineAt > running.deadlineAt) {
        alarms.cancel(running.deadlineAlarm);
        running.deadlineAt = deadlineAt;
        running.deadlineAlarm = alarms.at(deadlineAt, then -> tooLate(then, running));
      }
      return;
    }
    ArchiveFetch fetch = new ArchiveFetch(edition, grant, storage.receive(edition), deadlineAt);
    fetch.waiting.add(done);
    fetch.addHolders(others(holders));
    fetches.put(hash, fetch);
    fetch.deadlineAlarm = alarms.at(deadlineAt, then -> tooLate(then, fetch));
    long jitter = Math.min(config.maxJitter(), config.jitterPerPeer() * view.size());
    fetch.wakeAlarm =
        alarms.at(now + effects.random().nextLong(jitter + 1), then -> pump(then, fetch));
  }

  private List<PeerRef> others(Collection<PeerRef> peers) {
    return peers.stream().filter(peer -> !peer.id().equals(effects.self().id())).toList();
  }

  private void pump(long now, ArchiveFetch fetch) {
    alarms.cancel(fetch.wakeAlarm);
    while (!fetch.finished && fetch.inFlight() < config.window()) {
      OptionalInt index = fetch.takeIndex();
      if (index.isEmpty()) {
        return;
      }
      Optional<PeerRef> holder = fetch.choose(now, config.perHolder());
      if (holder.isEmpty() && fetch.inFlight() == 0) {
        widen(fetch);
        holder = fetch.choose(now, config.perHolder());
      }
      if (holder.isEmpty()) {
        fetch.putBack(index.getAsInt());
        waitForHolder(now, fetch);
        return;
      }
      request(now, fetch, index.getAsInt(), holder.get());
    }
  }

  private void request(long now, ArchiveFetch fetch, int index, PeerRef holder) {
    long id = ++lastId;
    long alarm = alarms.at(now + config.answerTime(), then -> noAnswer(then, id));
    fetch.ask(id, new Asked(index, holder, alarm));
    byRequest.put(id, fetch);
    effects.send(holder, new ChunkRequest(id, fetch.edition.archive(), index, fetch.grant));
  }

  /** Those who were said to have it cannot help: asks peers at random. */
  private void widen(ArchiveFetch fetch) {
    List<PeerRef> strangers =
        view.members().stream()
            .filter(peer -> !fetch.knows(peer.id()) && !peer.id().equals(effects.self().id()))
            .toList();
    if (!strangers.isEmpty()) {
      fetch.addHolders(List.of(strangers.get(effects.random().nextInt(strangers.size()))));
    }
  }

  private void waitForHolder(long now, ArchiveFetch fetch) {
    if (fetch.inFlight() > 0) {
      return;
    }
    if (fetch.exhausted() && fetch.knowsAll(view)) {
      end(
          now,
          fetch,
          new Result.Failure<>(
              ErrorCode.NO_ROUTE,
              "no peer gives the archive "
                  + fetch.edition.archive().substring(0, 12)
                  + " to this one"));
      return;
    }
    long wake = Math.min(fetch.firstWake(now), now + config.pause());
    fetch.wakeAlarm = alarms.at(wake, then -> pump(then, fetch));
  }

  @Override
  public void onMessage(long now, PeerRef from, WireMessage message) {
    if (message instanceof ChunkRequest request) {
      server.serve(from, request);
    } else if (message instanceof Chunk chunk) {
      onChunk(now, from, chunk);
    } else if (message instanceof ChunkRefused refused) {
      onRefused(now, from, refused);
    }
  }

  private Optional<ArchiveFetch> answered(PeerId from, long id) {
    ArchiveFetch fetch = byRequest.get(id);
    Asked asked = fetch == null ? null : fetch.asked.get(id);
    if (asked == null || !asked.holder().id().equals(from)) {
      unexpected++;
      return Optional.empty();
    }
    return Optional.ofNullable(fetch);
  }

  private void onChunk(long now, PeerRef from, Chunk chunk) {
    answered(from.id(), chunk.id())
        .ifPresent(
            fetch -> {
              int index = settle(fetch, chunk.id()).index();
              if (Chunks.hash(chunk.bytes()).equals(fetch.edition.chunks().get(index))) {
                received++;
                fetch.succeeded(from.id());
                fetch.incoming.write(
                    index,
                    chunk.bytes(),
                    alarms.deferred((then, kept) -> written(then, fetch, kept)));
              } else {
                bad++;
                LOG.warn("{} sent a wrong chunk of archive {}", from, fetch.edition.archive());
                tampered.accept(from, fetch.edition);
                fetch.exclude(from.id());
                fetch.putBack(index);
              }
              pump(now, fetch);
            });
  }

  private void onRefused(long now, PeerRef from, ChunkRefused refused) {
    answered(from.id(), refused.id())
        .ifPresent(
            fetch -> {
              fetch.putBack(settle(fetch, refused.id()).index());
              if (refused.reason() == Reason.NOT_ALLOWED) {
                fetch.exclude(from.id());
              } else {
                fetch.pause(from.id(), now, config.pause());
              }
              pump(now, fetch);
            });
  }

  private Asked settle(ArchiveFetch fetch, long id) {
    byRequest.remove(id);
    Asked asked = fetch.settle(id).orElseThrow();
    alarms.cancel(asked.alarm());
    return asked;
  }

  private void noAnswer(long now, long id) {
    ArchiveFetch fetch = byRequest.get(id);
    if (fetch != null) {
      Asked asked = settle(fetch, id);
      fetch.putBack(asked.index());
      fetch.pause(asked.holder().id(), now, config.pause());
      pump(now, fetch);
    }
  }

  private void written(long now, ArchiveFetch fetch, boolean kept) {
    if (fetch.finished) {
      return;
    }
    if (!kept) {
      end(now, fetch, notKept(fetch.edition));
      return;
    }
    fetch.wrote();
    if (fetch.complete()) {
      fetch.incoming.finish(
          alarms.deferred(
              (then, whole) -> {
                if (!fetch.finished) {
                  end(then, fetch, judged(fetch.edition, whole));
                }
              }));
    } else {
      pump(now, fetch);
    }
  }

  private static Result<String> judged(Edition edition, ArchiveStorage.Whole whole) {
    return switch (whole) {
      case KEPT -> new Result.Value<>(edition.archive());
      case NOT_KEPT -> notKept(edition);
      case MISMATCH ->
          new Result.Failure<>(
              ErrorCode.BAD_ARCHIVE,
              "the record's chunks do not make up the archive that it names");
    };
  }

  private static Result<String> notKept(Edition edition) {
    return new Result.Failure<>(
        ErrorCode.QUOTA,
        "the archive "
            + edition.archive().substring(0, 12)
            + " could not be written; check the space in the peer's data directory");
  }

  private void tooLate(long now, ArchiveFetch fetch) {
    end(
        now,
        fetch,
        new Result.Failure<>(
            ErrorCode.NO_ROUTE,
            "no peer gave the archive " + fetch.edition.archive().substring(0, 12) + " in time"));
  }

  private void end(long now, ArchiveFetch fetch, Result<String> outcome) {
    if (fetch.finished) {
      return;
    }
    fetch.finished = true;
    fetches.remove(fetch.edition.archive());
    List.copyOf(fetch.asked.keySet()).forEach(id -> settle(fetch, id));
    alarms.cancel(fetch.deadlineAlarm);
    alarms.cancel(fetch.wakeAlarm);
    if (outcome instanceof Result.Value) {
      fetched++;
    } else {
      failed++;
      fetch.incoming.abandon();
    }
    fetch.waiting.forEach(done -> done.done(now, outcome));
  }

  @Override
  public void onLink(long now, PeerId peer, LinkEvent event) {
    if (event == LinkEvent.UP) {
      return;
    }
    for (ArchiveFetch fetch : List.copyOf(fetches.values())) {
      List<Long> lost = fetch.askedOf(peer);
      if (!lost.isEmpty()) {
        lost.forEach(id -> fetch.putBack(settle(fetch, id).index()));
        fetch.pause(peer, now, config.pause());
        pump(now, fetch);
      }
    }
  }

  @Override
  public void onTimer(long now, long token) {
    alarms.fire(now, token);
  }

  @Override
  public void onView(long now, RingView newView) {
    view = newView;
  }

  /** The counters. */
  public TransferStatistics statistics() {
    return new TransferStatistics(
        fetched, failed, received, server.served, bad, server.refusals, unexpected);
  }
}
