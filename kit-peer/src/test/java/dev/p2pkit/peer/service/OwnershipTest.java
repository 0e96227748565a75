// What services hear of the arcs that their peer owns, and what happens to messages whose key has
// gone.
package dev.p2pkit.peer.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.sdk.Arc;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.OwnershipMode;
import dev.p2pkit.sdk.Payload;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnershipTest {
  private static final Optional<Arc> SMALL = Optional.of(new Arc(Key.of(50), Key.of(100)));
  private static final Optional<Arc> LARGE = Optional.of(new Arc(Key.of(10), Key.of(100)));

  @TempDir Path directory;
  private Rig rig;

  @BeforeEach
  void start() {
    rig = new Rig(directory, RuntimeConfig.DEFAULT);
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  private static ServiceJar diary(String mode) {
    return new ServiceJar()
        .source("Diary", "public record Diary(String text) {}")
        .maker(
            """
            return ServiceDescriptor.stateful(Diary.class).initialState(() -> new Diary(""))
                MODE
                .onArcGained((arc, epoch, diary, context) -> new Diary(diary.text()
                    + "+" + arc.after().low() + "-" + arc.upTo().low() + "@" + epoch))
                .onArcLost((arc, epoch, diary, context) -> new Diary(diary.text()
                    + "-" + arc.after().low() + "-" + arc.upTo().low() + "@" + epoch))
                .onMerged((arc, epoch, other, diary, context) -> new Diary(diary.text()
                    + "!" + arc.after().low() + "-" + arc.upTo().low() + "@" + epoch + "," + other))
                .on(String.class, (message, diary, context) -> {
                  context.reply(diary.text() + "/" + context.ownershipEpoch());
                  return diary;
                })
                .build();
            """
                .replace("MODE", mode))
        .stateful("1", "svc.Diary", 1, "");
  }

  /** A message for a key that was accepted under epoch 9. */
  private static final class ForKey implements Incoming {
    private final Message message = Call.rpc("svc", "read").message();
    private final boolean owned;
    final CompletableFuture<ErrorCode> failure = new CompletableFuture<>();
    final CompletableFuture<Payload> answer = new CompletableFuture<>();

    ForKey(boolean owned) {
      this.owned = owned;
    }

    @Override
    public Message message() {
      return message;
    }

    @Override
    public long deadlineNanos() {
      return System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    }

    @Override
    public boolean stillOwned() {
      return owned;
    }

    @Override
    public long ownershipEpoch() {
      return 9;
    }

    @Override
    public void processed() {}

    @Override
    public void reply(Payload body) {
      boolean unused = answer.complete(body);
    }

    @Override
    public void fail(ErrorCode code, String detail) {
      boolean unused = failure.complete(code);
    }
  }

  @Test
  void aServiceHearsOfArcsInTheOrderOfItsMessages() {
    rig.runtime.owns(OwnershipMode.STRICT, Optional.empty(), SMALL, 3);
    rig.install(diary(""));
    assertThat(rig.rpc("read").answer(String.class)).isEqualTo("+50-100@3/0");
    rig.runtime.owns(OwnershipMode.STRICT, SMALL, LARGE, 4);
    rig.runtime.owns(OwnershipMode.AVAILABLE, Optional.empty(), LARGE, 5);
    rig.runtime.owns(OwnershipMode.STRICT, LARGE, SMALL, 4);
    rig.runtime.owns(OwnershipMode.STRICT, SMALL, Optional.empty(), 4);
    assertThat(rig.rpc("read").answer(String.class))
        .isEqualTo("+50-100@3+10-50@4-10-50@4-50-100@4/0");
  }

  @Test
  void aServiceHearsBehindTheLossThatBothSidesOfACutHaveServedItsKeys() {
    rig.runtime.owns(OwnershipMode.STRICT, Optional.empty(), LARGE, 3);
    rig.install(diary(""));
    rig.runtime.merged(LARGE.orElseThrow(), 3, 7);
    assertThat(rig.rpc("read").answer(String.class)).isEqualTo("+10-100@3/0");
    rig.runtime.owns(OwnershipMode.STRICT, LARGE, LARGE, 4);
    rig.runtime.owns(OwnershipMode.STRICT, LARGE, SMALL, 4);
    assertThat(rig.rpc("read").answer(String.class))
        .isEqualTo("+10-100@3+10-100@4-10-50@4!10-50@3,7/0");
    // Of each part; and at once if the keys have gone before it was known.
    rig.runtime.owns(OwnershipMode.STRICT, SMALL, Optional.empty(), 4);
    rig.runtime.merged(SMALL.orElseThrow(), 4, 0);
    assertThat(rig.rpc("read").answer(String.class))
        .isEqualTo("+10-100@3+10-100@4-10-50@4!10-50@3,7-50-100@4!50-100@3,7!50-100@4,0/0");
  }

  @Test
  void anAvailableServiceHearsOfWhatItMayServe() {
    rig.install(diary(".ownership(OwnershipMode.AVAILABLE)"));
    assertThat(rig.runtime.ownershipAt("svc")).isEqualTo(OwnershipMode.AVAILABLE);
    rig.runtime.owns(OwnershipMode.STRICT, Optional.empty(), SMALL, 3);
    rig.runtime.owns(OwnershipMode.AVAILABLE, Optional.empty(), LARGE, 5);
    assertThat(rig.rpc("read").answer(String.class)).isEqualTo("+10-100@5/0");
  }

  @Test
  void aServiceWithAStateIsStrictUnlessItSaysOtherwise() {
    rig.install(diary(""));
    assertThat(rig.runtime.ownershipAt("svc")).isEqualTo(OwnershipMode.STRICT);
    assertThat(rig.runtime.ownershipAt("nobody")).isEqualTo(OwnershipMode.AVAILABLE);
  }

  @Test
  void aMessageWhoseKeyHasGoneWhileItWaitedIsHandedBackUntouched() throws Exception {
    rig.install(diary(""));
    ForKey gone = new ForKey(false);
    rig.runtime.deliver(gone);
    assertThat(gone.failure.get(30, TimeUnit.SECONDS)).isEqualTo(ErrorCode.NOT_READY);
    ForKey here = new ForKey(true);
    rig.runtime.deliver(here);
    assertThat(here.answer.get(30, TimeUnit.SECONDS).as(String.class)).isEqualTo("/9");
  }
}
