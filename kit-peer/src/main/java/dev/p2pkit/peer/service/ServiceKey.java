// Which processor is meant: a service's name, which is its access point, and an instance of it.
package dev.p2pkit.peer.service;

/**
 * Names one processor.
 *
 * @param name the service's name, which is also its access point
 * @param instance tells several processors at one access point apart
 */
public record ServiceKey(String name, String instance) {
  /** {@code name/instance}. */
  @Override
  public String toString() {
    return name + "/" + instance;
  }
}
