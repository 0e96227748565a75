// How a peer comes from what its disk says to what the others know.
package dev.p2pkit.peer.registry;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes up the records of the store, notes now and then that this peer is up to date, and says when
 * it may serve keys. A peer that was away for so long that the others have forgotten services which
 * ended meanwhile does not bring them back to life.
 */
final class CatchUp {
  private static final Logger LOG = LoggerFactory.getLogger(CatchUp.class);

  /**
   * How often, in the time for which ends are remembered, this peer notes that it is up to date.
   */
  private static final int MARKS = 1_000;

  private final RegistryConfig config;
  private final Host host;
  private final RecordStore store;
  private final Catalogue catalogue;
  private final Enactment books;
  private final Reconciler reconciler;
  private final Deployer deployer;
  private final Runnable caughtUp;
  private volatile boolean done;
  private List<RecordStore.Kept> outdated = List.of();
  private long marked;

  /** Calls {@code caughtUp} once. */
  CatchUp(
      RegistryConfig config,
      Host host,
      RecordStore store,
      Catalogue catalogue,
      Enactment books,
      Reconciler reconciler,
      Deployer deployer,
      Runnable caughtUp) {
    this.config = config;
    this.host = host;
    this.store = store;
    this.catalogue = catalogue;
    this.books = books;
    this.reconciler = reconciler;
    this.deployer = deployer;
    this.caughtUp = caughtUp;
  }

  /** Takes up what the store holds, unless the others know better. */
  void load(long now) {
    List<RecordStore.Kept> stored = store.load();
    long away = host.wallMillis().getAsLong() - store.synchronisedAt();
    if (store.synchronisedAt() > 0
        && away > TimeUnit.MICROSECONDS.toMillis(config.memoryOfEnds())) {
      outdated = stored;
    } else {
      books.load(now, stored);
    }
  }

  /** This peer has compared its records with a neighbour's, or is alone. */
  void synchronised(long now) {
    settleOutdated(now);
    mark();
  }

  /** What it has itself counts only if there is nobody who knows better. */
  private void settleOutdated(long now) {
    if (outdated.isEmpty()) {
      return;
    }
    if (reconciler.learned()) {
      LOG.warn(
          "this peer was away for too long: its {} service records are replaced by the others'",
          outdated.size());
      outdated.stream()
          .map(RecordStore.Kept::record)
          .filter(record -> catalogue.get(Chain.of(record)).isEmpty())
          .forEach(store::forget);
    } else {
      books.load(now, outdated);
    }
    outdated = List.of();
  }

  private void mark() {
    marked = host.wallMillis().getAsLong();
    store.synchronised(marked);
  }

  /** Notes that this peer is up to date if that was long ago; from time to time. */
  void refresh() {
    if (reconciler.synchronised()
        && host.wallMillis().getAsLong() - marked
            > TimeUnit.MICROSECONDS.toMillis(config.memoryOfEnds() / MARKS)) {
      mark();
    }
  }

  /** Looks whether all runs that should. */
  void look(long now) {
    if (!done
        && reconciler.synchronised()
        && deployer.slots().all().stream().allMatch(Slot::settled)) {
      end(now);
    }
  }

  /** Whatever does not run yet is not waited for. */
  void end(long now) {
    if (!done) {
      done = true;
      caughtUp.run();
    }
  }

  /** Whether it has ended. Any thread. */
  boolean isDone() {
    return done;
  }
}
