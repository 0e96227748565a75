// The processors of a peer: by their names and by the access points at which they are reached.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.Arc;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.OwnershipMode;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/**
 * Finds processors without a lock. One that comes in is told of the arc that this peer owns, and
 * all are told when that changes, so that none misses a change or hears of one twice. Thread-safe.
 */
final class Processors {
  private static final Processor[] NONE = {};

  /** How long two rings that have met may need until each key has one owner. */
  private static final long UNITING_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final BiConsumer<ServiceKey, ServiceKey> renamed;
  private final Map<ServiceKey, Processor> processors = new ConcurrentHashMap<>();
  private volatile Map<String, Processor[]> byAccessPoint = Map.of();
  private final Object lock = new Object();
  // Guarded by lock.
  private final Map<OwnershipMode, Held> holding = new EnumMap<>(OwnershipMode.class);

  /** What had another owner too; services are told behind the loss of each part of it. */
  private final Map<OwnershipMode, Meeting> meetings = new EnumMap<>(OwnershipMode.class);

  private boolean closed;

  private record Held(Arc arc, long epoch) {}

  /** Two rings that were met, and until when what is lost goes to a peer of the other one. */
  private record Meeting(Arc arc, long epoch, long otherEpoch, long untilNanos) {
    ArcNotice of(Arc part) {
      return ArcNotice.merged(part, epoch, otherEpoch);
    }
  }

  /** Calls {@code renamed} with the old name and the new one when a processor has another. */
  Processors(BiConsumer<ServiceKey, ServiceKey> renamed) {
    this.renamed = renamed;
  }

  /**
   * What there is at a name after the attempt to add a processor.
   *
   * @param processor the one that is there
   * @param added whether it is the new one
   */
  record Place(Processor processor, boolean added) {}

  /**
   * Adds a processor where there is none.
   *
   * @param make makes it; called only if there is none
   * @return empty if this peer is closed
   */
  Optional<Place> add(ServiceKey key, Supplier<Processor> make) {
    synchronized (lock) {
      if (closed) {
        return Optional.empty();
      }
      Processor present = processors.get(key);
      if (present != null) {
        return Optional.of(new Place(present, false));
      }
      Processor processor = make.get();
      Held held = holding.get(processor.version().descriptor().ownership());
      if (held != null) {
        processor.told(ArcNotice.gained(held.arc(), held.epoch()));
      }
      processors.put(key, processor);
      index();
      return Optional.of(new Place(processor, true));
    }
  }

  /** What {@link #at} reads is replaced as a whole. */
  private void index() {
    Map<String, Processor[]> index = new HashMap<>();
    processors.forEach(
        (key, processor) ->
            index.merge(
                key.name(),
                new Processor[] {processor},
                (some, more) -> {
                  Processor[] all = Arrays.copyOf(some, some.length + 1);
                  all[some.length] = more[0];
                  Arrays.sort(all, Comparator.comparing(p -> p.key().instance()));
                  return all;
                }));
    byAccessPoint = index;
  }

  /** Takes one out, which goes on until its owner ends it. */
  Optional<Processor> remove(ServiceKey key) {
    synchronized (lock) {
      Optional<Processor> removed = Optional.ofNullable(processors.remove(key));
      index();
      return removed;
    }
  }

  /**
   * Moves one to another name.
   *
   * @throws KitException NO_SUCH_SERVICE if there is none, BUSY if the other name is taken
   */
  void rename(ServiceKey from, ServiceKey to) {
    synchronized (lock) {
      if (processors.containsKey(to)) {
        throw new KitException(ErrorCode.BUSY, "there is a processor at " + to + " already");
      }
      Processor processor = processors.remove(from);
      if (processor == null) {
        throw new KitException(ErrorCode.NO_SUCH_SERVICE, "no processor runs at " + from);
      }
      processor.rename(to);
      renamed.accept(from, to);
      processors.put(to, processor);
      index();
    }
  }

  /** What this peer owns has changed; see {@link ServiceRuntime#owns}. */
  void owns(OwnershipMode mode, Optional<Arc> before, Optional<Arc> now, long epoch) {
    List<ArcNotice> notices = Arcs.changes(before, now, epoch);
    synchronized (lock) {
      if (now.isPresent()) {
        holding.put(mode, new Held(now.get(), epoch));
      } else {
        holding.remove(mode);
      }
      for (ArcNotice notice : notices) {
        tell(mode, notice);
        Meeting meeting = meetings.get(mode);
        if (meeting != null
            && notice.kind() == ArcNotice.Kind.LOST
            && meeting.arc().contains(notice.arc().upTo())
            && System.nanoTime() - meeting.untilNanos() < 0) {
          tell(mode, meeting.of(notice.arc()));
        }
      }
    }
  }

  /** See {@link ServiceRuntime#merged}. */
  void merged(Arc arc, long epoch, long otherEpoch) {
    Meeting meeting = new Meeting(arc, epoch, otherEpoch, System.nanoTime() + UNITING_NANOS);
    synchronized (lock) {
      for (OwnershipMode mode : OwnershipMode.values()) {
        meetings.put(mode, meeting);
        Optional<Arc> held = Optional.ofNullable(holding.get(mode)).map(Held::arc);
        Arcs.missing(held, arc).ifPresent(gone -> tell(mode, meeting.of(gone)));
      }
    }
  }

  private void tell(OwnershipMode mode, ArcNotice notice) {
    for (Processor processor : processors.values()) {
      if (processor.version().descriptor().ownership() == mode) {
        processor.told(notice);
      }
    }
  }

  Optional<Processor> find(ServiceKey key) {
    return Optional.ofNullable(processors.get(key));
  }

  /** Those at an access point, by their instances; not to be written to. */
  Processor[] at(String accessPoint) {
    return byAccessPoint.getOrDefault(accessPoint, NONE);
  }

  /** All of them, in no order. */
  Collection<Processor> all() {
    return processors.values();
  }

  /** Takes all out, and lets no other in. */
  List<Processor> close() {
    synchronized (lock) {
      closed = true;
      List<Processor> all = List.copyOf(processors.values());
      processors.clear();
      index();
      return all;
    }
  }
}
