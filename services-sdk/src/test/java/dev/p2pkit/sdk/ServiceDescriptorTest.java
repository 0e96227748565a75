// Service descriptors: what a maker can say and what is refused at once.
package dev.p2pkit.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
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
    ServiceDescriptor descriptor =
        counter()
            .upgradeFrom(1, old -> new Totals(old.getLong("count")))
            .upgradeState(old -> new Totals(-1))
            .build();
    Tree old = Tree.of(Map.of("count", 41L));

    Function<Tree, ?> exact = descriptor.upgradeFrom(1).orElseThrow();
    Function<Tree, ?> any = descriptor.upgradeFrom(7).orElseThrow();
    assertThat((Object) exact.apply(old)).isEqualTo(new Totals(41));
    assertThat((Object) any.apply(old)).isEqualTo(new Totals(-1));
    assertThat(counter().build().upgradeFrom(1)).isEmpty();
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
