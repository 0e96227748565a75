// Service descriptors: what a maker can say and what is refused at once.
package dev.p2pkit.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ServiceDescriptorTest {
  record Add(long by) {}

  record Read() {}

  record Totals(long count) {}

  private static ServiceDescriptor.Stateful<Totals> counter() {
    return ServiceDescriptor.stateful(Totals.class)
        .initialState(() -> new Totals(0))
        .on(Add.class, (add, totals, context) -> new Totals(totals.count() + add.by()));
  }

  @Test
  void aStatefulServiceIsAFunctionFromMessageAndStateToState() throws Exception {
    ServiceDescriptor descriptor =
        counter()
            .onAsync(
                Read.class, (read, totals, context) -> CompletableFuture.completedFuture(totals))
            .build();

    assertThat(descriptor.stateType()).contains(Totals.class);
    assertThat(descriptor.initialState().orElseThrow().get()).isEqualTo(new Totals(0));
    assertThat(descriptor.handlers().keySet()).containsExactly(Add.class, Read.class);
    assertThat(descriptor.fallback()).isEmpty();
    ServiceDescriptor.Handler handler = descriptor.handlers().get(Add.class);
    assertThat(handler).isInstanceOf(ServiceDescriptor.Handler.Direct.class);
    ServiceDescriptor.Turn turn = ((ServiceDescriptor.Handler.Direct) handler).turn();
    assertThat(turn.run(new Add(2), new Totals(40), null)).isEqualTo(new Totals(42));
    assertThat(descriptor.handlers().get(Read.class))
        .isInstanceOf(ServiceDescriptor.Handler.Async.class);
  }

  @Test
  void anUpgradeIsFoundByTheSchemaItComesFrom() {
    StateSteps steps =
        counter()
            .upgradeFrom(1, old -> new Totals(old.getLong("count")))
            .upgradeFrom(2, 4, old -> old.rename("n", "count"))
            .upgradeState(3, Add.class, old -> new Totals(old.by()))
            .upgradeState(old -> new Totals(-1))
            .downgradeState(1, totals -> Tree.of(Map.of("count", totals.count())))
            .build()
            .steps();

    Tree old = Tree.of(Map.of("count", 41L));
    StateSteps.Upgrade.Whole whole = (StateSteps.Upgrade.Whole) steps.upgrades().get(1);
    StateSteps.Upgrade.Link link = (StateSteps.Upgrade.Link) steps.upgrades().get(2);
    StateSteps.Upgrade.Typed typed = (StateSteps.Upgrade.Typed) steps.upgrades().get(3);
    assertThat((Object) whole.upgrade().apply(old)).isEqualTo(new Totals(41));
    assertThat(link.to()).isEqualTo(4);
    assertThat(link.upgrade().apply(Tree.of(Map.of("n", 7L))).getLong("count")).isEqualTo(7);
    assertThat(typed.type()).isEqualTo(Add.class);
    assertThat((Object) typed.upgrade().apply(new Add(5))).isEqualTo(new Totals(5));
    assertThat((Object) steps.anyUpgrade().orElseThrow().apply(old)).isEqualTo(new Totals(-1));
    assertThat(steps.downgrades().get(1).apply(new Totals(3)).getLong("count")).isEqualTo(3);
    assertThat(counter().build().steps()).isEqualTo(StateSteps.NONE);
  }

  @Test
  void stepsThatLeadNowhereOrTwiceAreNotDeclared() {
    assertThatThrownBy(() -> counter().upgradeFrom(2, 2, old -> old))
        .hasMessageContaining("no later schema");
    assertThatThrownBy(
            () -> counter().upgradeFrom(1, 2, old -> old).upgradeFrom(1, old -> new Totals(0)))
        .hasMessageContaining("two upgrades from schema 1");
    assertThatThrownBy(() -> counter().downgradeState(1, Tree::of).downgradeState(1, Tree::of))
        .hasMessageContaining("two downgradeState");
  }

  @Test
  void aTreeIsChangedByMakingAnother() {
    Tree old = Tree.of(Map.of("n", 7L));
    assertThat(old.rename("n", "count").with("by", "me").without("count").value())
        .isEqualTo(Map.of("by", "me"));
    assertThat(old.rename("absent", "x")).isSameAs(old);
    assertThat(old.value()).isEqualTo(Map.of("n", 7L));
    assertThatThrownBy(() -> Tree.of(1L).with("a", 2L)).hasMessageContaining("no components");
  }

  @Test
  void aStatelessServiceHasNoState() {
    ServiceDescriptor descriptor =
        ServiceDescriptor.stateless().onAny((payload, context) -> {}).build();

    assertThat(descriptor.stateType()).isEmpty();
    assertThat(descriptor.initialState()).isEmpty();
    assertThat(descriptor.handlers()).isEmpty();
    assertThat(descriptor.fallback()).isPresent();
  }

  @Test
  void whatCannotRunIsNotBuilt() {
    assertThatThrownBy(() -> ServiceDescriptor.stateless().build())
        .hasMessageContaining("add on(...)");
    assertThatThrownBy(() -> ServiceDescriptor.stateful(Totals.class).build())
        .hasMessageContaining("initialState");
    assertThatThrownBy(() -> counter().on(Add.class, (add, totals, context) -> totals))
        .hasMessageContaining("two handlers for")
        .hasMessageContaining("Add");
  }
}
