// A release that was loaded and tried, but is not in use.
package dev.p2pkit.peer.service;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A release that was loaded and tried on a copy of the state. Give it to {@link
 * ServiceRuntime#activate} or to {@link ServiceRuntime#discard}; until then it holds a class
 * loader.
 */
public final class Prepared {
  private final Release release;
  private final String version;
  private final AtomicReference<@Nullable Version> loaded;
  private final Optional<StateKeeper> initialState;
  private final Optional<Instead> insteadOf;

  /** A version that was asked for and is not to run on this peer any more. */
  record Instead(Probation probation, Release asked) {}

  private Prepared(
      Version loaded, Optional<StateKeeper> initialState, Optional<Instead> insteadOf) {
    this.insteadOf = insteadOf;
    this.release = loaded.release();
    this.version = loaded.manifest().version();
    this.loaded = new AtomicReference<>(loaded);
    this.initialState = initialState;
  }

  /** The release. */
  public Release release() {
    return release;
  }

  /** The version in the archive's descriptor. */
  public String version() {
    return version;
  }

  /** To follow what runs. */
  static Prepared next(Version loaded) {
    return new Prepared(loaded, Optional.empty(), Optional.empty());
  }

  /** To begin where nothing runs. */
  static Prepared first(Version loaded, StateKeeper initialState) {
    return new Prepared(loaded, Optional.of(initialState), Optional.empty());
  }

  /** To begin where nothing runs, in place of what was asked for. */
  static Prepared instead(Version loaded, Instead of) {
    return new Prepared(loaded, Optional.empty(), Optional.of(of));
  }

  /** What was asked for, if this is the version before it. */
  Optional<Instead> insteadOf() {
    return insteadOf;
  }

  /** What was loaded, for the first who asks. */
  Optional<Version> take() {
    return Optional.ofNullable(loaded.getAndSet(null));
  }

  /** The state of a first start, if the service did not run when it was prepared. */
  Optional<StateKeeper> initialState() {
    return initialState;
  }
}
