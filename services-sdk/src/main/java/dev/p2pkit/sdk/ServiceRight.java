// What a service ticket allows.
package dev.p2pkit.sdk;

/** What the holder of a service ticket may do. */
public enum ServiceRight {
  /** Call the service where it answers ticket holders only. */
  INVOKE,
  /** Upgrade it, and pause, resume, promote or take back its roll-outs; not seal or end it. */
  UPGRADE
}
