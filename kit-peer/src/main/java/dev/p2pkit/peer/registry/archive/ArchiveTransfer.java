// Fetches archives from other peers in verified chunks, and serves those that are here.
package dev.p2pkit.peer.registry.archive;

import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.Machine;

/** The transfer of archives as a machine. */
public final class ArchiveTransfer implements Machine {
  /** A transfer between this peer's storage and others'. */
  public ArchiveTransfer(Effects effects, ArchiveStorage storage) {}
}
