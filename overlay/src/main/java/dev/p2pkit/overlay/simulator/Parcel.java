// A message on its way.
package dev.p2pkit.overlay.simulator;

import dev.p2pkit.overlay.machine.WireMessage;

/** A message with its frame type. */
record Parcel(int type, WireMessage message) {}
