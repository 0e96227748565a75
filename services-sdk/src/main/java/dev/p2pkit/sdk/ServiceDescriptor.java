// What a maker returns: initial state, how to carry older state over, and the processor.
package dev.p2pkit.sdk;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A service as its maker describes it: stateful, a function (message, state) → state, or stateless.
 * Handlers are tried by the type of the message; {@code onAny} takes what no other handler does. A
 * TREE body is matched by its {@code type} entry, or, if it has none, by the one message type whose
 * components have the names of its entries.
 */
public final class ServiceDescriptor {
  private final @Nullable Class<?> stateType;
  private final @Nullable Supplier<?> initialState;
  private final StateSteps steps;
  private final Map<Class<?>, Handler> handlers;
  private final @Nullable Handler fallback;
  private final OwnershipMode ownership;
  private final @Nullable ArcTurn arcGained;
  private final @Nullable ArcTurn arcLost;
  private final @Nullable MergeTurn merged;

  private ServiceDescriptor(
      @Nullable Class<?> stateType,
      @Nullable Supplier<?> initialState,
      StateSteps steps,
      Map<Class<?>, Handler> handlers,
      @Nullable Handler fallback,
      OwnershipMode ownership,
      @Nullable ArcTurn arcGained,
      @Nullable ArcTurn arcLost,
      @Nullable MergeTurn merged) {
    this.stateType = stateType;
    this.initialState = initialState;
    this.steps = steps;
    this.handlers = new LinkedHashMap<>(handlers);
    this.fallback = fallback;
    this.ownership = ownership;
    this.arcGained = arcGained;
    this.arcLost = arcLost;
    this.merged = merged;
  }

  /**
   * Begins a service that keeps a state of this type: a record, or a class with a constructor
   * without arguments.
   */
  public static <S> Stateful<S> stateful(Class<S> stateType) {
    return new Stateful<>(stateType);
  }

  /** Begins a service without state. */
  public static Stateless stateless() {
    return new Stateless();
  }

  /** The type of the state; empty if the service is stateless. */
  public Optional<Class<?>> stateType() {
    return Optional.ofNullable(stateType);
  }

  /** Makes the state of a first start; empty if the service is stateless. */
  public Optional<Supplier<?>> initialState() {
    return Optional.ofNullable(initialState);
  }

  /**
   * How the state is carried to and from other schemas. Where nothing is declared for an older one,
   * its state is read by name: components that both versions have keep their value, new ones get
   * zero or null.
   */
  public StateSteps steps() {
    return steps;
  }

  /** The handlers by message type, in the order of their declaration. */
  public Map<Class<?>, Handler> handlers() {
    return Collections.unmodifiableMap(handlers);
  }

  /** The handler of everything else. */
  public Optional<Handler> fallback() {
    return Optional.ofNullable(fallback);
  }

  /** How careful the service is about having one owner per key. */
  public OwnershipMode ownership() {
    return ownership;
  }

  /** What happens when this peer begins to own an arc. */
  public Optional<ArcTurn> arcGained() {
    return Optional.ofNullable(arcGained);
  }

  /** What happens when this peer owns an arc no more. */
  public Optional<ArcTurn> arcLost() {
    return Optional.ofNullable(arcLost);
  }

  /** What happens when a part of this peer's arc turns out to have had another owner too. */
  public Optional<MergeTurn> merged() {
    return Optional.ofNullable(merged);
  }

  /** What happens to the state when an arc comes or goes, as the runtime calls it. */
  @FunctionalInterface
  public interface ArcTurn {
    /**
     * The turn of one arc.
     *
     * @throws Exception as the handler of the service does
     */
    @Nullable Object run(Arc arc, long epoch, @Nullable Object state, MessageContext context)
        throws Exception;
  }

  /** What happens to the state of a service when an arc comes or goes. */
  @FunctionalInterface
  public interface ArcHandler<S> {
    /**
     * Takes note of an arc and returns the next state, which is never null.
     *
     * @param arc the keys
     * @param epoch grows with each owner that the arc has had
     * @throws Exception to fail the turn: the state stays as it was
     */
    S handle(Arc arc, long epoch, S state, MessageContext context) throws Exception;
  }

  /** What happens to the state when two rings have become one, as the runtime calls it. */
  @FunctionalInterface
  public interface MergeTurn {
    /**
     * The turn of one arc.
     *
     * @throws Exception as the handler of the service does
     */
    @Nullable Object run(
        Arc arc, long epoch, long otherEpoch, @Nullable Object state, MessageContext context)
        throws Exception;
  }

  /** What happens to the state of a service when two rings have become one. */
  @FunctionalInterface
  public interface MergeHandler<S> {
    /**
     * Takes note of keys that two owners have served at the same time, one on each side of a cut,
     * and returns the next state, which is never null.
     *
     * @param arc the keys; this peer owns them no more
     * @param epoch under which it owned them when the two rings met; 0 if it did not
     * @param otherEpoch under which the first peer of the other ring that has said so owned its
     *     arc; 0 if none has
     * @throws Exception to fail the turn: the state stays as it was
     */
    S handle(Arc arc, long epoch, long otherEpoch, S state, MessageContext context)
        throws Exception;
  }

  /** A handler as the runtime calls it; the state is null for a stateless service. */
  public sealed interface Handler {
    /** A handler that is done when it returns. */
    record Direct(Turn turn) implements Handler {}

    /** A handler whose turn lasts until the stage completes; the next message waits. */
    record Async(AsyncTurn turn) implements Handler {}
  }

  /** (message, state, context) → state. */
  @FunctionalInterface
  public interface Turn {
    /**
     * Processes one message.
     *
     * @throws Exception as the handler of the service does
     */
    @Nullable Object run(Object message, @Nullable Object state, MessageContext context)
        throws Exception;
  }

  /** (message, state, context) → stage of the state. */
  @FunctionalInterface
  public interface AsyncTurn {
    /**
     * Begins to process one message.
     *
     * @throws Exception as the handler of the service does
     */
    CompletionStage<?> run(Object message, @Nullable Object state, MessageContext context)
        throws Exception;
  }

  /** A handler of a stateful service. */
  @FunctionalInterface
  public interface StatefulHandler<M, S> {
    /**
     * Processes a message and returns the next state, which is never null.
     *
     * @throws Exception to fail the turn: the state stays as it was, nothing is sent, and the
     *     caller gets {@link ErrorCode#SERVICE_CRASHED}
     */
    S handle(M message, S state, MessageContext context) throws Exception;
  }

  /** A handler of a stateful service that takes its time without a thread. */
  @FunctionalInterface
  public interface AsyncStatefulHandler<M, S> {
    /**
     * Begins to process a message; the stage gives the next state, which is never null.
     *
     * @throws Exception to fail the turn, as a stage that fails does: the state stays as it was,
     *     and the caller gets {@link ErrorCode#SERVICE_CRASHED}
     */
    CompletionStage<S> handle(M message, S state, MessageContext context) throws Exception;
  }

  /** A handler of a stateless service. */
  @FunctionalInterface
  public interface StatelessHandler<M> {
    /**
     * Processes a message.
     *
     * @throws Exception to fail the turn: nothing is sent, and the caller gets {@link
     *     ErrorCode#SERVICE_CRASHED}
     */
    void handle(M message, MessageContext context) throws Exception;
  }

  /** A handler of a stateless service that takes its time without a thread. */
  @FunctionalInterface
  public interface AsyncStatelessHandler<M> {
    /**
     * Begins to process a message; its turn lasts until the stage completes.
     *
     * @throws Exception to fail the turn, as a stage that fails does: the caller gets {@link
     *     ErrorCode#SERVICE_CRASHED}
     */
    CompletionStage<?> handle(M message, MessageContext context) throws Exception;
  }

  /** Builds a stateful service. */
  public static final class Stateful<S> {
    private final Class<S> stateType;
    private @Nullable Supplier<S> initialState;
    private final Map<Integer, StateSteps.Upgrade> upgrades = new LinkedHashMap<>();
    private final Map<Integer, Function<Object, Tree>> downgrades = new LinkedHashMap<>();
    private @Nullable Function<Tree, ?> anyUpgrade;
    private final Map<Class<?>, Handler> handlers = new LinkedHashMap<>();
    private @Nullable Handler fallback;
    private OwnershipMode ownership = OwnershipMode.STRICT;
    private @Nullable ArcTurn arcGained;
    private @Nullable ArcTurn arcLost;
    private @Nullable MergeTurn merged;

    private Stateful(Class<S> stateType) {
      this.stateType = stateType;
    }

    /** The state of a first start; not used by an upgrade. */
    public Stateful<S> initialState(Supplier<S> supplier) {
      initialState = supplier;
      return this;
    }

    /** How to carry over the state of a version whose descriptor says {@code schema}. */
    public Stateful<S> upgradeFrom(int schema, Function<Tree, S> upgrade) {
      return upgrade(schema, new StateSteps.Upgrade.Whole(upgrade));
    }

    /**
     * One link of a chain: makes a state of {@code schema} one of the later schema {@code to}. What
     * is declared for {@code to} is applied to the result; if that is this version's own schema, or
     * nothing is, the result is read by name.
     */
    public Stateful<S> upgradeFrom(int schema, int to, Function<Tree, Tree> step) {
      if (to <= schema) {
        throw new IllegalArgumentException(
            "upgradeFrom(" + schema + ", " + to + ", ...) leads to no later schema");
      }
      return upgrade(schema, new StateSteps.Upgrade.Link(to, step));
    }

    /**
     * As {@link #upgradeFrom(int, Function)}, for an archive that still holds the class of the old
     * state, perhaps under another name: the state is read as one of these by the names of its
     * components.
     */
    @SuppressWarnings("unchecked")
    public <O> Stateful<S> upgradeState(int schema, Class<O> type, Function<O, S> upgrade) {
      return upgrade(schema, new StateSteps.Upgrade.Typed(type, old -> upgrade.apply((O) old)));
    }

    /**
     * How to carry over the state of any older version for which {@link #upgradeFrom} says nothing.
     */
    public Stateful<S> upgradeState(Function<Tree, S> upgrade) {
      anyUpgrade = upgrade;
      return this;
    }

    /**
     * How to go back: makes this version's state one of the older {@code schema}, when the service
     * is rolled back to it or crashes after an upgrade. The result is read by the names of its
     * components; records in it count as maps of theirs. It must not change the state.
     */
    @SuppressWarnings("unchecked")
    public Stateful<S> downgradeState(int schema, Function<S, Tree> downgrade) {
      if (downgrades.putIfAbsent(schema, state -> downgrade.apply((S) state)) != null) {
        throw new IllegalArgumentException("there are two downgradeState for schema " + schema);
      }
      return this;
    }

    private Stateful<S> upgrade(int schema, StateSteps.Upgrade upgrade) {
      if (upgrades.putIfAbsent(schema, upgrade) != null) {
        throw new IllegalArgumentException("there are two upgrades from schema " + schema);
      }
      return this;
    }

    /** How careful it is about having one owner per key; {@link OwnershipMode#STRICT} at first. */
    public Stateful<S> ownership(OwnershipMode mode) {
      ownership = mode;
      return this;
    }

    /**
     * What to do when this peer begins to own an arc, in the mode of {@link #ownership}: a turn
     * like that of a message, before those of all messages that were accepted for the arc. Also
     * called when the service starts on a peer that owns something.
     */
    @SuppressWarnings("unchecked")
    public Stateful<S> onArcGained(ArcHandler<S> handler) {
      arcGained =
          (arc, epoch, state, context) ->
              handler.handle(arc, epoch, (S) Objects.requireNonNull(state), context);
      return this;
    }

    /**
     * What to do when this peer owns an arc no more, or its lease has run out: a turn like that of
     * a message. Another peer may own the arc by then.
     */
    @SuppressWarnings("unchecked")
    public Stateful<S> onArcLost(ArcHandler<S> handler) {
      arcLost =
          (arc, epoch, state, context) ->
              handler.handle(arc, epoch, (S) Objects.requireNonNull(state), context);
      return this;
    }

    /**
     * What to do when two rings that were cut apart are one again and peers of the other ring get
     * parts of this peer's arc: both have served these keys. For each part a turn like that of a
     * message, behind {@link #onArcLost} of that part: messages by key that it sends go to the next
     * owner, which is the one to reconcile what both have stored. The peer that keeps the keys is
     * not told by this.
     */
    @SuppressWarnings("unchecked")
    public Stateful<S> onMerged(MergeHandler<S> handler) {
      merged =
          (arc, epoch, otherEpoch, state, context) ->
              handler.handle(arc, epoch, otherEpoch, (S) Objects.requireNonNull(state), context);
      return this;
    }

    /** What to do with messages of this type. */
    @SuppressWarnings("unchecked")
    public <M> Stateful<S> on(Class<M> type, StatefulHandler<M, S> handler) {
      put(
          type,
          new Handler.Direct(
              (message, state, context) ->
                  handler.handle((M) message, (S) Objects.requireNonNull(state), context)));
      return this;
    }

    /**
     * As {@link #on}, for a handler that returns a stage; the turn ends with it. What the handler
     * sends leaves at once, not at the end of the turn: a turn that fails or is given up has sent
     * it already. Replies and timers wait for the end of the turn, as in other handlers.
     */
    @SuppressWarnings("unchecked")
    public <M> Stateful<S> onAsync(Class<M> type, AsyncStatefulHandler<M, S> handler) {
      put(
          type,
          new Handler.Async(
              (message, state, context) ->
                  handler.handle((M) message, (S) Objects.requireNonNull(state), context)));
      return this;
    }

    /** What to do with everything else. */
    @SuppressWarnings("unchecked")
    public Stateful<S> onAny(StatefulHandler<Payload, S> handler) {
      fallback =
          new Handler.Direct(
              (message, state, context) ->
                  handler.handle((Payload) message, (S) Objects.requireNonNull(state), context));
      return this;
    }

    private void put(Class<?> type, Handler handler) {
      if (handlers.putIfAbsent(type, handler) != null) {
        throw new IllegalArgumentException("there are two handlers for " + type.getName());
      }
    }

    /** The descriptor; refuses a service without initial state or without a handler. */
    public ServiceDescriptor build() {
      if (initialState == null) {
        throw new IllegalArgumentException("a stateful service needs initialState(...)");
      }
      return checked(
          new ServiceDescriptor(
              stateType,
              initialState,
              new StateSteps(upgrades, Optional.ofNullable(anyUpgrade), downgrades),
              handlers,
              fallback,
              ownership,
              arcGained,
              arcLost,
              merged));
    }
  }

  /** Builds a stateless service. */
  public static final class Stateless {
    private final Map<Class<?>, Handler> handlers = new LinkedHashMap<>();
    private @Nullable Handler fallback;
    private OwnershipMode ownership = OwnershipMode.AVAILABLE;

    private Stateless() {}

    /**
     * How careful it is about having one owner per key; {@link OwnershipMode#AVAILABLE} at first.
     */
    public Stateless ownership(OwnershipMode mode) {
      ownership = mode;
      return this;
    }

    /** What to do with messages of this type. */
    @SuppressWarnings("unchecked")
    public <M> Stateless on(Class<M> type, StatelessHandler<M> handler) {
      put(
          type,
          new Handler.Direct(
              (message, state, context) -> {
                handler.handle((M) message, context);
                return null;
              }));
      return this;
    }

    /**
     * As {@link #on}, for a handler that returns a stage; the turn ends with it. What the handler
     * sends leaves at once, not at the end of the turn: a turn that fails or is given up has sent
     * it already. Replies and timers wait for the end of the turn, as in other handlers.
     */
    @SuppressWarnings("unchecked")
    public <M> Stateless onAsync(Class<M> type, AsyncStatelessHandler<M> handler) {
      put(
          type,
          new Handler.Async((message, state, context) -> handler.handle((M) message, context)));
      return this;
    }

    /** What to do with everything else. */
    public Stateless onAny(StatelessHandler<Payload> handler) {
      fallback =
          new Handler.Direct(
              (message, state, context) -> {
                handler.handle((Payload) message, context);
                return null;
              });
      return this;
    }

    private void put(Class<?> type, Handler handler) {
      if (handlers.putIfAbsent(type, handler) != null) {
        throw new IllegalArgumentException("there are two handlers for " + type.getName());
      }
    }

    /** The descriptor; refuses a service without a handler. */
    public ServiceDescriptor build() {
      return checked(
          new ServiceDescriptor(
              null, null, StateSteps.NONE, handlers, fallback, ownership, null, null, null));
    }
  }

  private static ServiceDescriptor checked(ServiceDescriptor descriptor) {
    if (descriptor.handlers.isEmpty() && descriptor.fallback == null) {
      throw new IllegalArgumentException("a service needs a processor: add on(...) or onAny(...)");
    }
    return descriptor;
  }
}
