// Counts calls, in many versions: what the upgrade bench installs and upgrades.
package p2pkit.bench;

import dev.p2pkit.sdk.PeerContext;
import dev.p2pkit.sdk.ServiceDescriptor;
import dev.p2pkit.sdk.ServiceMaker;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Properties;

/**
 * A number is a call: it is counted and added, and the reply is the new count. Any text is answered
 * with count, sum and version. What its archive's {@code tally.properties} says makes the version:
 * its number, and whether it fails in its migration or at every call.
 */
public final class TallyMaker implements ServiceMaker {
  /**
   * The state.
   *
   * @param calls how many were counted
   * @param sum of the numbers that were called with, modulo 2^64
   * @param version the version that counted last
   */
  public record Totals(long calls, long sum, long version) {}

  @Override
  public ServiceDescriptor make(PeerContext peer) throws IOException {
    Properties settings = new Properties();
    try (InputStream in = TallyMaker.class.getResourceAsStream("/tally.properties")) {
      settings.load(in);
    }
    long version = Long.parseLong(settings.getProperty("version"));
    String fault = settings.getProperty("fault");
    return ServiceDescriptor.stateful(Totals.class)
        .initialState(() -> new Totals(0, 0, version))
        .upgradeState(
            old -> {
              if (fault.equals("MIGRATION")) {
                throw new IllegalStateException("this version cannot carry the state over");
              }
              return new Totals(old.getLong("calls"), old.getLong("sum"), version);
            })
        .on(
            Long.class,
            (number, totals, context) -> {
              if (fault.equals("CRASH")) {
                throw new IllegalStateException("this version crashes at every call");
              }
              context.reply(totals.calls() + 1);
              return new Totals(totals.calls() + 1, totals.sum() + number, version);
            })
        .on(
            String.class,
            (text, totals, context) -> {
              context.reply(List.of(totals.calls(), totals.sum(), totals.version()));
              return totals;
            })
        .build();
  }
}
