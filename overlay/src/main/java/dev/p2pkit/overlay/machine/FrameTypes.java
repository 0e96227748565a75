// Who owns which frame types.
package dev.p2pkit.overlay.machine;

/** The allocation of the type byte of a frame; each protocol has 16 types. */
public final class FrameTypes {
  /** Greeting, ping, close reason: the link itself. */
  public static final int LINK = 0x00;

  /** Ring pointers and joining. */
  public static final int RING = 0x10;

  /** Membership digests, failure probes. */
  public static final int MEMBERSHIP = 0x20;

  /** Broadcast. */
  public static final int BROADCAST = 0x30;

  /** Messages by key and by peer, their acknowledgements and replies. */
  public static final int ROUTING = 0x40;

  /** The registry of services. */
  public static final int REGISTRY = 0x50;

  /** Archives in chunks. */
  public static final int ARCHIVE = 0x60;

  /** Clients and their proxy peer. */
  public static final int SESSION = 0x70;

  /** Which peer a session is attached to. */
  public static final int DIRECTORY = 0x80;

  /** Bans. */
  public static final int BAN = 0x90;

  /** Who may serve which keys. */
  public static final int LEASE = 0xA0;

  /** Rings that were cut apart and unite. */
  public static final int MERGE = 0xB0;

  /** Peers outside of the ring, and their proxies. */
  public static final int OBSERVER = 0xC0;

  /** Proofs of who owns a key. */
  public static final int PROOF = 0xD0;

  /** Messages of the ring that one peer passes on for another. */
  public static final int RELAY = 0xE0;

  /** Whose services run, and who may hold which names. */
  public static final int TRUST = 0xF0;

  /** How many types each protocol has. */
  public static final int EACH = 0x10;

  private FrameTypes() {}
}
