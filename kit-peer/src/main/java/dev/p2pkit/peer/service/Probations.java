// The versions on probation of a peer, and the files that let them be that over a restart.
package dev.p2pkit.peer.service;

import dev.p2pkit.overlay.transport.DurableFiles;
import dev.p2pkit.sdk.Durability;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Of each service at most one directory, {@code NAME/INSTANCE}: {@code entry}, which is forced to
 * the disk before the upgrade is; {@code EPOCH.before}, the state before the upgrade, only where
 * states are durable; {@code EPOCH.life}, the signs of life. All of it goes when it can be of no
 * use any more. A damaged entry costs its service the way back by itself, and says so. Methods
 * block, but for {@link #of} and {@link #previousArchive}. Thread-safe.
 */
final class Probations {
  private static final Logger LOG = LoggerFactory.getLogger(Probations.class);
  private static final String ENTRY = "entry";
  private static final String STATE = ".before";
  private static final String SIGNS = ".life";
  private static final String DAMAGED = ".damaged";

  private final Path directory;
  private final RuntimeConfig config;
  private final Map<ServiceKey, Probation> all = new ConcurrentHashMap<>();
  private final Set<Path> withoutEntry = ConcurrentHashMap.newKeySet();
  private final LongAdder damaged = new LongAdder();

  /** Reads what is there, and counts the death of the process before if it was one. */
  Probations(Path directory, RuntimeConfig config) {
    this.directory = directory;
    this.config = config;
    for (Path service : below(directory)) {
      below(service).forEach(this::load);
    }
  }

  private static List<Path> below(Path parent) {
    if (!Files.isDirectory(parent)) {
      return List.of();
    }
    try (Stream<Path> children = Files.list(parent)) {
      return children.sorted().toList();
    } catch (IOException e) {
      LOG.warn("{} cannot be listed; what is on probation there is not known", parent, e);
      return List.of();
    }
  }

  /** How many entries were damaged. */
  long damaged() {
    return damaged.sum();
  }

  private void load(Path place) {
    Path file = place.resolve(ENTRY);
    if (!Files.isRegularFile(file)) {
      clear(place, Optional.empty());
      return;
    }
    ProbationEntry entry;
    try {
      if (Files.size(file) > ProbationEntry.MOST_BYTES) {
        throw new IOException("it is too large");
      }
      entry = ProbationEntry.decode(Files.readAllBytes(file));
    } catch (IOException e) {
      damaged.increment();
      LOG.error(
          "{} cannot be read ({}); it was moved to {}{}. The service goes on, but if the version"
              + " that it runs since its last upgrade crashes again and again, this peer does not go"
              + " back by itself: roll back by hand then",
          file,
          e.getMessage(),
          ENTRY,
          DAMAGED);
      moveAside(file);
      withoutEntry.add(place);
      clear(place, Optional.empty());
      return;
    }
    Probation probation = new Probation(config, entry, state(place, entry), signs(place, entry));
    all.put(entry.key(), probation);
    judge(probation);
  }

  private static void moveAside(Path file) {
    try {
      Files.move(file, file.resolveSibling(ENTRY + DAMAGED), StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      LOG.warn("{} cannot be moved aside", file, e);
    }
  }

  private Optional<byte[]> state(Path place, ProbationEntry entry) {
    if (entry.state().isEmpty()) {
      return Optional.empty();
    }
    Path file = place.resolve(entry.on().epoch() + STATE);
    try {
      if (Files.size(file) == entry.state().get().bytes()) {
        byte[] bytes = Files.readAllBytes(file);
        if (entry.state().get().is(bytes)) {
          return Optional.of(bytes);
        }
      }
      throw new IOException("it is not what was written");
    } catch (IOException e) {
      damaged.increment();
      LOG.error(
          "{} cannot be read ({}); {} can go back to version {} only if the present state can be"
              + " carried back",
          file,
          e.getMessage(),
          entry.key(),
          entry.before().version());
      return Optional.empty();
    }
  }

  private LifeSigns signs(Path place, ProbationEntry entry) {
    Path file = place.resolve(entry.on().epoch() + SIGNS);
    try {
      return LifeSigns.of(file);
    } catch (IOException e) {
      LOG.warn("{} cannot be used; the death of this process would not be counted", file, e);
      return LifeSigns.inMemory();
    }
  }

  /** What the process before has left. */
  private void judge(Probation probation) {
    LifeSigns.Doing doing = probation.signs().doing();
    if (doing == LifeSigns.Doing.ENDED) {
      return;
    }
    probation.signs().doing(LifeSigns.Doing.ENDED);
    ProbationEntry entry = probation.entry();
    boolean its = doing != LifeSigns.Doing.NOTHING;
    probation.diedLoading(doing == LifeSigns.Doing.LOADING);
    if (!its && entry.deaths() == 0) {
      return;
    }
    entry = entry.deaths(its ? entry.deaths() + 1 : 0);
    if (its) {
      LOG.warn(
          "the process of this peer has died {} time(s) in a row while it ran code of {} {}, which"
              + " is on probation",
          entry.deaths(),
          entry.key(),
          entry.on().version());
    }
    if (entry.deaths() >= config.restarts().crashes() && probation.isOn(System.nanoTime())) {
      entry =
          entry.lost(
              "the process of this peer has died "
                  + entry.deaths()
                  + " times in a row while it ran code of that version");
    }
    probation.entry(entry);
    save(probation);
  }

  /** What is known of a release: it is on probation, or has been lost; empty if neither. */
  Optional<Probation> of(Release release) {
    return Optional.ofNullable(all.get(release.key()))
        .filter(probation -> probation.entry().concerns(release));
  }

  /** Why a service that begins now does not go back by itself, for people; empty if it may. */
  String trouble(ServiceKey key) {
    Path place = place(key);
    return withoutEntry.contains(place)
        ? "if it crashes it does not go back by itself: what was known of its probation was damaged"
            + " and is in "
            + place.resolve(ENTRY + DAMAGED)
        : "";
  }

  /** The archive that a revert of this service would load; empty if there would be none. */
  Optional<String> previousArchive(ServiceKey key) {
    return Optional.ofNullable(all.get(key)).map(it -> it.entry().before().archiveHash());
  }

  /** A version that runs here is to be followed by another. */
  Probation begin(Version old, Optional<byte[]> state, Version next) {
    boolean durable =
        old.manifest().durability() != Durability.NONE
            || next.manifest().durability() != Durability.NONE;
    return begin(
        next.release(),
        ProbationEntry.Edition.of(next),
        ProbationEntry.Edition.of(old),
        state.isPresent(),
        state,
        durable);
  }

  /** A version begins here with the durable state that another one has left. */
  Probation begin(Release next, SavedState saved) {
    return begin(
        next,
        // Its own schema and name are not known before it is loaded, and of no use to a revert.
        new ProbationEntry.Edition(
            next.archiveHash(), "of epoch " + next.epoch(), next.epoch(), saved.head().schema()),
        ProbationEntry.Edition.of(saved.head()),
        true,
        Optional.of(saved.state()),
        true);
  }

  private synchronized Probation begin(
      Release next,
      ProbationEntry.Edition on,
      ProbationEntry.Edition before,
      boolean hadState,
      Optional<byte[]> state,
      boolean durable) {
    ServiceKey key = next.key();
    Path place = place(key);
    ProbationEntry entry =
        new ProbationEntry(
            key,
            next.lineage(),
            on,
            before,
            hadState,
            durable ? state.map(ProbationEntry.Stored::of) : Optional.empty(),
            0,
            "");
    withoutEntry.remove(place);
    Probation probation;
    try {
      Files.createDirectories(place);
      if (durable && state.isPresent()) {
        DurableFiles.OF_HOST.replace(place.resolve(on.epoch() + STATE), state.get());
      }
      Path signs = place.resolve(on.epoch() + SIGNS);
      Files.deleteIfExists(signs);
      probation = new Probation(config, entry, state, LifeSigns.of(signs));
      DurableFiles.OF_HOST.replace(place.resolve(ENTRY), entry.encode());
    } catch (IOException e) {
      LOG.warn(
          "{} is on probation in memory only, so after a restart this peer does not go back from it"
              + " by itself: {} cannot be written; make room on its disk or check its permissions",
          next,
          place,
          e);
      probation = new Probation(config, entry, state, LifeSigns.inMemory());
      probation.trouble("its probation ends with this process: " + place + " cannot be written");
    }
    all.put(key, probation);
    return probation;
  }

  /** The version is in use: what was of earlier ones goes. */
  synchronized void settle(Probation probation) {
    if (all.get(probation.entry().key()) == probation) {
      clear(place(probation.entry().key()), Optional.of(probation.entry()));
    }
  }

  /** The version did not come to use: that before it goes on, with its own probation if it had. */
  synchronized void giveBack(Probation failed, Optional<Probation> before) {
    ServiceKey key = failed.entry().key();
    if (all.get(key) != failed) {
      return;
    }
    if (before.isEmpty()) {
      end(failed);
    } else {
      all.put(key, before.get());
      save(before.get());
      clear(place(key), Optional.of(before.get().entry()));
    }
  }

  /** The version is not to run here any more; that is on the disk before the other one is. */
  synchronized void lost(Probation probation, String why) {
    probation.entry(probation.entry().lost(why));
    save(probation);
  }

  /** The state before the upgrade is not taken any more. */
  synchronized void forgetState(Probation probation) {
    probation.forgetState();
    if (probation.entry().state().isPresent()) {
      probation.entry(probation.entry().withoutState());
      save(probation);
      settle(probation);
    }
  }

  /** Hardly anybody will want the state before the upgrade any more: the disk keeps it. */
  synchronized void leaveStateOnDisk(Probation probation) {
    if (probation.hasStateTwice()) {
      probation.readStateFrom(() -> state(place(probation.entry().key()), probation.entry()));
    }
  }

  /** Nothing goes back any more. */
  synchronized void end(Probation probation) {
    ServiceKey key = probation.entry().key();
    if (all.remove(key, probation)) {
      clear(place(key), Optional.empty());
    }
  }

  /** What runs here is another version than the one that an entry is about. */
  synchronized void endOthers(Release running) {
    Optional.ofNullable(all.get(running.key()))
        .filter(probation -> !probation.entry().concerns(running))
        .ifPresent(this::end);
  }

  /** The service has ended here. */
  synchronized void forget(ServiceKey key) {
    Optional.ofNullable(all.get(key)).ifPresent(this::end);
    delete(place(key).resolve(ENTRY + DAMAGED));
    clear(place(key), Optional.empty());
  }

  /**
   * A service has ended that does not run here; what belongs to another one of that name stays.
   *
   * @return whether it was on probation
   */
  synchronized boolean forget(ServiceKey key, String lineage) {
    Optional<Probation> its =
        Optional.ofNullable(all.get(key)).filter(it -> it.entry().lineage().equals(lineage));
    its.ifPresent(this::end);
    return its.isPresent();
  }

  /** The service has another name from now on. */
  synchronized void rename(ServiceKey from, ServiceKey to) {
    Probation probation = all.remove(from);
    if (probation == null) {
      return;
    }
    probation.entry(probation.entry().at(to));
    all.put(to, probation);
    Path other = place(to);
    try {
      Files.createDirectories(other.toAbsolutePath().getParent());
      clear(other, Optional.empty());
      Files.move(place(from), other);
    } catch (IOException e) {
      LOG.warn("{} cannot be moved to {}", place(from), other, e);
    }
    save(probation);
  }

  private Path place(ServiceKey key) {
    return directory
        .resolve(ServicePlace.fileName(key.name()))
        .resolve(ServicePlace.fileName(key.instance()));
  }

  private void save(Probation probation) {
    ProbationEntry entry = probation.entry();
    Path file = place(entry.key()).resolve(ENTRY);
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      DurableFiles.OF_HOST.replace(file, entry.encode());
    } catch (IOException e) {
      LOG.warn("{} cannot be written; a restart finds what it said before", file, e);
    }
  }

  /** Deletes what is there; all of it, or what is not of this entry. */
  private static void clear(Path place, Optional<ProbationEntry> but) {
    List<Path> files = below(place);
    // The entry first: without it the rest is nothing.
    if (but.isEmpty()) {
      delete(place.resolve(ENTRY));
    }
    boolean kept = but.isPresent();
    for (Path file : files) {
      String name = String.valueOf(file.getFileName());
      boolean its =
          but.isPresent()
              && (name.equals(ENTRY)
                  || name.equals(but.get().on().epoch() + SIGNS)
                  || (name.equals(but.get().on().epoch() + STATE)
                      && but.get().state().isPresent()));
      // It stays for whoever looks into it, until the next upgrade.
      boolean aside = but.isEmpty() && name.equals(ENTRY + DAMAGED);
      kept |= aside;
      if (!its && !aside) {
        delete(file);
      }
    }
    if (!kept) {
      delete(place);
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.warn("{} cannot be deleted", file, e);
    }
  }
}
