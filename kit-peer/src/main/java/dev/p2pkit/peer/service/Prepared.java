// A release that was loaded and tried, but is not in use.
package dev.p2pkit.peer.service;

/**
 * A release that was loaded and tried on a copy of the state. Give it to {@link
 * ServiceRuntime#activate} or to {@link ServiceRuntime#discard}; until then it holds a class
 * loader.
 */
public final class Prepared {
  private final Release release;
  private final String version;

  Prepared(Release release, String version) {
    this.release = release;
    this.version = version;
  }

  /** The release. */
  public Release release() {
    return release;
  }

  /** The version in the archive's descriptor. */
  public String version() {
    return version;
  }
}
