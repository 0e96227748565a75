// What a handler is told of the time that is left.
package dev.p2pkit.peer.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeadlineTest {
  @TempDir Path directory;

  @Test
  void whatRemainsIsTheShorterOfTheCallersDeadlineAndTheTurns() {
    try (Rig rig = new Rig(directory, RuntimeConfig.DEFAULT)) {
      rig.install(
          new ServiceJar()
              .maker(
                  "return ServiceDescriptor.stateless().on(String.class, (m, context) ->"
                      + " context.reply(context.remaining().toMillis())).build();")
              .stateless("1", ",\"execution\":{\"turnMillis\":20000}"));
      Call patient = new Call(Call.rpc("svc", "x").message(), in(60));
      assertThat(rig.deliver(patient).answer(Long.class)).isBetween(1L, 20_000L);
      Call hasty = new Call(Call.rpc("svc", "x").message(), in(10));
      assertThat(rig.deliver(hasty).answer(Long.class)).isBetween(1L, 10_000L);
    }
  }

  private static long in(int seconds) {
    return System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
  }
}
