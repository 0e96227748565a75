// How states of other schemas become those of a version, and how its own goes back to older ones.
package dev.p2pkit.sdk;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The steps that a {@link ServiceDescriptor} declares between schemas, as the runtime reads them.
 *
 * @param upgrades by the schema that each begins with
 * @param anyUpgrade what serves every older schema for which there is none
 * @param downgrades by the schema that each leads to
 */
public record StateSteps(
    Map<Integer, Upgrade> upgrades,
    Optional<Function<Tree, ?>> anyUpgrade,
    Map<Integer, Function<Object, Tree>> downgrades) {
  /** No step: states are read by name. */
  static final StateSteps NONE = new StateSteps(Map.of(), Optional.empty(), Map.of());

  /** Copies the maps. */
  public StateSteps {
    upgrades = Map.copyOf(upgrades);
    downgrades = Map.copyOf(downgrades);
  }

  /** What happens to a state of one older schema. */
  public sealed interface Upgrade {
    /** It becomes this version's state. */
    record Whole(Function<Tree, ?> upgrade) implements Upgrade {}

    /** It becomes this version's state, and is read as an object of its old class. */
    record Typed(Class<?> type, Function<Object, ?> upgrade) implements Upgrade {}

    /** It becomes one of a later schema; what that one declares comes next. */
    record Link(int to, Function<Tree, Tree> upgrade) implements Upgrade {}
  }
}
