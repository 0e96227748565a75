// Counts its messages and answers each with its own body: what a turn with state costs.
package p2pkit.bench;

import dev.p2pkit.sdk.PeerContext;
import dev.p2pkit.sdk.ServiceDescriptor;
import dev.p2pkit.sdk.ServiceMaker;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

/**
 * A counter with ballast. {@link #SETTINGS} in the archive says how much, in bytes, and whether the
 * handler is asynchronous.
 */
public final class TurnsMaker implements ServiceMaker {
  /** The path of the settings: the ballast, a space, and {@code async} or {@code direct}. */
  public static final String SETTINGS = "META-INF/bench/turns.txt";

  /**
   * The state.
   *
   * @param count how many messages came
   * @param ballast what makes it as large as is wanted
   */
  public record Totals(long count, String ballast) {
    Totals next() {
      return new Totals(count + 1, ballast);
    }
  }

  @Override
  public ServiceDescriptor make(PeerContext peer) throws IOException {
    String[] settings = settings().split(" ", 2);
    String ballast = "x".repeat(Integer.parseInt(settings[0]));
    ServiceDescriptor.Stateful<Totals> service =
        ServiceDescriptor.stateful(Totals.class).initialState(() -> new Totals(0, ballast));
    if (settings[1].equals("async")) {
      return service
          .onAsync(
              String.class,
              (body, totals, context) -> {
                context.reply(body);
                return CompletableFuture.completedFuture(totals.next());
              })
          .build();
    }
    return service
        .on(
            String.class,
            (body, totals, context) -> {
              context.reply(body);
              return totals.next();
            })
        .build();
  }

  private static String settings() throws IOException {
    try (InputStream in = TurnsMaker.class.getResourceAsStream("/" + SETTINGS)) {
      if (in == null) {
        throw new IOException("the archive lacks " + SETTINGS);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
