// Why a store cannot be read or written.
package dev.p2pkit.peer.store;

/** A failure of a {@link StateStore}; its message names the file and says what to do. */
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** What is wrong. */
  public enum Kind {
    /** The file is not what was written to it. */
    DAMAGED,
    /** There is no room: the disk is full, or the file has reached its own limit. */
    FULL,
    /** Anything else: no rights, a failing disk, a file that another process holds. */
    FAILED
  }

  private final Kind kind;

  /** A failure with its reason in a sentence. */
  public StoreException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  /** A failure that another one has caused. */
  public StoreException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** What is wrong. */
  public Kind kind() {
    return kind;
  }
}
