// The state of a processor: the live object, and what brings the last good one back.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the state of one version of a processor. A state that cannot change is kept by reference,
 * which costs nothing; any other is encoded after each good turn, so that a turn that fails
 * half-way leaves no trace in it. All methods but {@link #encoded} and {@link #capture} are the
 * owner's.
 */
final class StateKeeper {
  private final ServiceCodec codec;
  private final @Nullable Class<?> type;
  private final Immutability immutability;
  private volatile Good good;
  private @Nullable Object live;

  /** The last good state. */
  sealed interface Good {
    /** The object for the next turn; never called for a stateless service. */
    Object restore(ServiceCodec codec, Class<?> type);

    /** Its encoding. */
    byte[] encoded(ServiceCodec codec);

    /** There is none, as the service is stateless. */
    record None() implements Good {
      @Override
      public Object restore(ServiceCodec codec, Class<?> type) {
        throw new IllegalStateException("a stateless service has no state");
      }

      @Override
      public byte[] encoded(ServiceCodec codec) {
        throw new IllegalStateException("a stateless service has no state");
      }
    }

    /** It cannot change. */
    record Shared(Object state) implements Good {
      @Override
      public Object restore(ServiceCodec codec, Class<?> type) {
        return state;
      }

      @Override
      public byte[] encoded(ServiceCodec codec) {
        return codec.encodeState(state);
      }
    }

    /** It could change; never compared, and the bytes are not changed. */
    @SuppressWarnings("ArrayRecordComponent")
    record Encoded(byte[] state) implements Good {
      @Override
      public Object restore(ServiceCodec codec, Class<?> type) {
        return codec.decodeState(state, type);
      }

      @Override
      public byte[] encoded(ServiceCodec codec) {
        return state;
      }
    }
  }

  private StateKeeper(ServiceCodec codec, @Nullable Class<?> type, Immutability immutability) {
    this.codec = codec;
    this.type = type;
    this.immutability = immutability;
    this.good = new Good.None();
  }

  /** For a service without state. */
  static StateKeeper stateless(ServiceCodec codec) {
    return new StateKeeper(codec, null, new Immutability());
  }

  /** Beginning with this state; fails like {@link #capture}. */
  static StateKeeper of(ServiceCodec codec, Class<?> type, @Nullable Object state) {
    StateKeeper keeper = new StateKeeper(codec, type, new Immutability());
    keeper.publish(state, keeper.capture(state));
    return keeper;
  }

  /** The same last good state, without anything that the thread of a fenced turn may touch. */
  StateKeeper afterFence() {
    StateKeeper keeper = new StateKeeper(codec, type, new Immutability());
    keeper.good = good;
    return keeper;
  }

  /** The last good state. */
  Good good() {
    return good;
  }

  boolean stateful() {
    return type != null;
  }

  /** The state for the next turn; runs code of the service if it has to be restored. */
  @Nullable Object forTurn() {
    if (type == null) {
      return null;
    }
    Object present = live;
    if (present == null) {
      present = good.restore(codec, type);
      live = present;
    }
    return present;
  }

  /**
   * Checks the result of a turn and makes it restorable; changes nothing. Runs code of the service.
   *
   * @throws KitException SERVICE_CRASHED if it is null, of another type, or cannot be encoded
   */
  Good capture(@Nullable Object state) {
    if (type == null) {
      return good;
    }
    if (!type.isInstance(state)) {
      throw new KitException(
          ErrorCode.SERVICE_CRASHED,
          "a handler must return the next state, a "
              + type.getName()
              + ", not "
              + (state == null ? "null" : "a " + state.getClass().getName()));
    }
    if (good instanceof Good.Shared shared && shared.state() == state) {
      return good;
    }
    return immutability.isImmutable(state)
        ? new Good.Shared(state)
        : new Good.Encoded(codec.encodeState(state));
  }

  /** Makes a captured result the state. */
  void publish(@Nullable Object state, Good captured) {
    live = state;
    good = captured;
  }

  /** Forgets what a failed turn may have changed. */
  void rollBack() {
    live = null;
  }

  /** The last good state in the encoding of this version, from any thread. */
  byte[] encoded() {
    return good.encoded(codec);
  }
}
