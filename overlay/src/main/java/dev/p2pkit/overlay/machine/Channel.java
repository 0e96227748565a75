// The channels of a link, most urgent first.
package dev.p2pkit.overlay.machine;

/** The channels into which a link is divided; a lower ordinal is written first. */
public enum Channel {
  /** Link, ring and registry maintenance. */
  CONTROL,
  /** Messages of programs, services and clients. */
  REQUEST,
  /** Archives and other large transfers. */
  BULK
}
