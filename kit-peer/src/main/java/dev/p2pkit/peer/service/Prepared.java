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

  Prepared(Version loaded, Optional<StateKeeper> initialState) {
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

  /** What was loaded, for the first who asks. */
  Optional<Version> take() {
    return Optional.ofNullable(loaded.getAndSet(null));
  }

  /** The state of a first start, if the service did not run when it was prepared. */
  Optional<StateKeeper> initialState() {
    return initialState;
  }
}
