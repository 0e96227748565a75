// Versions of a service that counts, good and bad ones, for tests of upgrades under load.
package p2pkit.counting;

import dev.p2pkit.sdk.MessageContext;
import dev.p2pkit.sdk.PeerContext;
import dev.p2pkit.sdk.ServiceDescriptor;
import dev.p2pkit.sdk.ServiceMaker;
import java.util.List;

/** Outside of {@code dev.p2pkit}, whose classes peers refuse in an archive. */
public final class Counting {
  private Counting() {}

  /** What was counted. */
  public record Totals(long count) {}

  /** Counts. */
  public record Add(long by) {}

  /** Asks for the count. */
  public record Read(String reason) {}

  private static Totals add(int version, long by, Totals totals, MessageContext context) {
    context.reply(List.of((long) version, totals.count() + by));
    return new Totals(totals.count() + by);
  }

  private static ServiceDescriptor.Stateful<Totals> counter(int version) {
    return ServiceDescriptor.stateful(Totals.class)
        .initialState(() -> new Totals(0))
        .on(Add.class, (add, totals, context) -> add(version, add.by(), totals, context))
        .on(
            Read.class,
            (read, totals, context) -> {
              context.reply(totals.count());
              return totals;
            });
  }

  /** Version 1. */
  public static final class First implements ServiceMaker {
    @Override
    public ServiceDescriptor make(PeerContext peer) {
      return counter(1).build();
    }
  }

  /** Version 2, schema 2; carries the count over. */
  public static final class Second implements ServiceMaker {
    @Override
    public ServiceDescriptor make(PeerContext peer) {
      return counter(2).upgradeFrom(1, old -> new Totals(old.getLong("count"))).build();
    }
  }

  /** Forgets a hundred of what was counted. */
  public static final class Forgetful implements ServiceMaker {
    @Override
    public ServiceDescriptor make(PeerContext peer) {
      return counter(2).upgradeFrom(1, old -> new Totals(old.getLong("count") - 100)).build();
    }
  }

  /** Cannot carry any state over that has counted something. */
  public static final class Refusing implements ServiceMaker {
    @Override
    public ServiceDescriptor make(PeerContext peer) {
      return counter(2)
          .upgradeFrom(
              1,
              old -> {
                throw new IllegalStateException("no way from 1");
              })
          .build();
    }
  }

  /** Crashes at each message. */
  public static final class Crashing implements ServiceMaker {
    @Override
    public ServiceDescriptor make(PeerContext peer) {
      return ServiceDescriptor.stateful(Totals.class)
          .initialState(() -> new Totals(0))
          .on(
              Add.class,
              (add, totals, context) -> {
                throw new IllegalStateException("a defect of version 2");
              })
          .build();
    }
  }
}
