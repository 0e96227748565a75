// Shows the oracle of budgets what the peers of a run have sent and what they hold.
package dev.p2pkit.overlay.simulator.scenario;

import dev.p2pkit.overlay.broadcast.BroadcastStatistics;
import dev.p2pkit.overlay.routing.RouterConfig;
import dev.p2pkit.overlay.routing.RouterStatistics;
import dev.p2pkit.overlay.simulator.oracle.BudgetOracle;
import java.util.List;

/**
 * Shows the oracle what each member has sent, and how long the queues and memories of some of them
 * are: of {@value #AT_ONCE} with each look, others the next time.
 */
final class Bounds {
  /** Over how long the bytes of a peer are held against its budget (µs). */
  private static final long WINDOW = 30_000_000;

  private static final int AT_ONCE = 1_000;

  /** In how many steps the window slides; in fewer where there are so many peers. */
  private static final int STEPS = 30;

  private static final int FEW_STEPS = 6;
  private static final int MANY_PEERS = 20_000;

  /** By how many per cent an estimate may be above the budget: sizes of one type differ. */
  private static final int ESTIMATE_PERCENT = 25;

  private final World world;
  private final BudgetOracle oracle;
  private int next;

  Bounds(World world) {
    this.world = world;
    long budget = world.scenario.budget();
    long most = world.scenario.sizes() == 1 ? budget : budget * (100 + ESTIMATE_PERCENT) / 100;
    int steps = world.scenario.peers() > MANY_PEERS ? FEW_STEPS : STEPS;
    oracle = new BudgetOracle(most, WINDOW, steps, world.judge.findings);
  }

  /** To be called once a second, or more often. */
  void look() {
    List<Node> members = world.members();
    for (Node node : members) {
      oracle.sent(node.index(), world.traffic.maintenanceOf(node.index()), world.now());
    }
    int count = Math.min(AT_ONCE, members.size());
    for (int i = 0; i < count; i++) {
      next = (next + 1) % members.size();
      holds(members.get(next));
    }
  }

  private void holds(Node node) {
    BroadcastStatistics broadcasts = node.ring().broadcasts();
    holds(node, "kept broadcasts", broadcasts.kept(), world.config.broadcast().kept());
    if (node.hasRouter()) {
      RouterStatistics router = node.router().statistics();
      RouterConfig bounds = RouterConfig.DEFAULT;
      holds(node, "open calls", router.open(), bounds.maxOpen());
      holds(node, "remembered messages", router.remembered(), bounds.maxRemembered());
      holds(node, "messages in progress", router.inProgress(), bounds.maxRemembered());
    }
  }

  private void holds(Node node, String what, long length, long bound) {
    oracle.holds(node.index(), what, length, bound, world.now());
  }

  /** The most that any peer has sent in a window, in bytes a second. */
  long highest() {
    return oracle.highest();
  }
}
