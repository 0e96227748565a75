// The way of a state from one schema to another, by the steps that versions declare.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.StateSteps;
import dev.p2pkit.sdk.Tree;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Carries an encoded state from one version to another. Upwards the steps are the newer version's
 * and are applied one after the other until its schema is reached; a schema for which there is none
 * is read by name. Downwards the step is the one that the newer version declares. An encoded state
 * names its components, so no class of the older version is needed. Runs code of services.
 */
final class SchemaPath {
  private final Version to;
  private final Class<?> type;
  private int schema;
  private byte @Nullable [] encoded;
  private @Nullable Object plain;

  /** A step that failed; the message says which one and why. */
  static final class Blocked extends RuntimeException {
    private static final long serialVersionUID = 1;

    Blocked(String message) {
      super(message);
    }
  }

  private SchemaPath(byte[] encoded, int schema, Version to, Class<?> type) {
    this.encoded = encoded;
    this.schema = schema;
    this.to = to;
    this.type = type;
  }

  /**
   * The state of {@code to}, from one in the encoding of {@code from}.
   *
   * @throws Blocked if a step fails, or none leads down
   */
  static StateKeeper carry(byte[] encoded, Version from, Version to) {
    return from.schema() <= to.schema() ? up(encoded, from.schema(), to) : down(encoded, from, to);
  }

  /** Whether the newer version says how its state becomes one of the older schema. */
  static boolean leadsDown(Version from, int schema) {
    return from.descriptor().steps().downgrades().containsKey(schema);
  }

  /** The state of {@code to}, from an encoded one of the same or an older schema. */
  static StateKeeper up(byte[] encoded, int schema, Version to) {
    Class<?> type = to.descriptor().stateType().orElseThrow();
    SchemaPath path = new SchemaPath(encoded, schema, to, type);
    return to.inside(() -> StateKeeper.of(to.codec(), type, path.walk()));
  }

  private Object walk() {
    StateSteps steps = to.descriptor().steps();
    while (schema != to.schema()) {
      StateSteps.Upgrade next = steps.upgrades().get(schema);
      if (next instanceof StateSteps.Upgrade.Link link) {
        Tree made = step(() -> link.upgrade().apply(tree()));
        plain = made.value();
        encoded = null;
        schema = link.to();
      } else if (next instanceof StateSteps.Upgrade.Whole whole) {
        return step(() -> whole.upgrade().apply(tree()));
      } else if (next instanceof StateSteps.Upgrade.Typed typed) {
        return step(
            () -> typed.upgrade().apply(to.codec().bindState(tree().value(), typed.type())));
      } else if (steps.anyUpgrade().isPresent()) {
        Function<Tree, ?> any = steps.anyUpgrade().get();
        return step(() -> any.apply(tree()));
      } else {
        break;
      }
    }
    byte[] whole = encoded;
    return attempt(
        "reading the state of schema " + schema + " by name failed",
        () ->
            whole != null
                ? to.codec().decodeState(whole, type)
                : to.codec().bindState(plain, type));
  }

  private Tree tree() {
    byte[] whole = encoded;
    return whole != null ? to.codec().treeView(whole) : Tree.of(plain);
  }

  private <T> T step(Supplier<T> upgrade) {
    String what = "the upgrade from schema " + schema + " failed";
    T made = attempt(what, upgrade);
    if (made == null) {
      throw new Blocked(what + ": it returned null");
    }
    return made;
  }

  private static StateKeeper down(byte[] encoded, Version from, Version to) {
    Class<?> type = to.descriptor().stateType().orElseThrow();
    Function<Object, Tree> step = from.descriptor().steps().downgrades().get(to.schema());
    String name = "downgradeState(" + to.schema() + ", ...)";
    if (step == null) {
      throw new Blocked("version " + from.manifest().version() + " declares no " + name);
    }
    String what = "the " + name + " of version " + from.manifest().version() + " failed";
    Tree made =
        attempt(
            what,
            () ->
                from.inside(
                    () ->
                        step.apply(
                            from.codec()
                                .decodeState(
                                    encoded, from.descriptor().stateType().orElseThrow()))));
    if (made == null) {
      throw new Blocked(what + ": it returned null");
    }
    return attempt(
        "version " + to.manifest().version() + " cannot read what the " + name + " has made",
        () ->
            to.inside(
                () -> StateKeeper.of(to.codec(), type, to.codec().bindState(made.value(), type))));
  }

  private static <T> T attempt(String what, Supplier<T> work) {
    try {
      return work.get();
    } catch (RuntimeException | LinkageError | StackOverflowError | AssertionError e) {
      throw new Blocked(what + ": " + Failure.describe(e));
    }
  }
}
