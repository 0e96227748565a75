// What one sender may take of the memory of messages that may come again.
package dev.p2pkit.peer.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DedupeWindowTest {
  private static final int MOST = 400;
  private static final PeerId STRANGER = new PeerId(Key.of(1));
  private static final PeerId HONEST = new PeerId(Key.of(2));

  private final List<String> written = new ArrayList<>();
  private final DedupeWindow window =
      new DedupeWindow(
          MOST,
          new DedupeWindow.Changes() {
            @Override
            public void put(String table, String key, byte[] value) {
              written.add(key);
            }

            @Override
            public void remove(String table, String key) {}
          });

  private boolean takes(Once once) {
    Call call = Call.once(once, "body");
    Optional<Mailbox.Offer> offer =
        window.admit(once, Letter.of(call), call, () -> Mailbox.Offer.QUEUED);
    if (offer.isEmpty()) {
      assertThat(call.hasFailedWith(ErrorCode.BUSY)).isTrue();
    }
    return offer.isPresent();
  }

  @Test
  void aStrangerThatClosesNothingShutsNobodyElseOut() {
    int taken = 0;
    for (int number = 1; number <= MOST; number++) {
      taken += takes(new Once(STRANGER, 7, number, 1, 0)) ? 1 : 0;
    }
    assertThat(taken).isEqualTo(MOST / DedupeWindow.SHARES);
    assertThat(takes(new Once(STRANGER, 8, 1, 1, 0))).as("as another process of it").isFalse();
    assertThat(takes(new Once(HONEST, 1, 1, 1, 0))).isTrue();

    // What it closes makes room for what it sends.
    window.answered(
        new Once(STRANGER, 7, 1, 1, 0),
        new StoredAnswer.Outcome.Replied(Payload.tree("done")),
        0,
        new Batch());
    assertThat(takes(new Once(STRANGER, 7, 1_000, 2, 0))).isTrue();
  }

  @Test
  void aStrangerThatNamesProcessesWithoutEndFillsNeitherMemoryNorDisk() {
    int taken = 0;
    for (int process = 1; process <= 10_000; process++) {
      taken += takes(new Once(STRANGER, process, 9, 9, 0)) ? 1 : 0;
    }
    assertThat(taken).isLessThanOrEqualTo(MOST / DedupeWindow.SHARES);
    assertThat(written.stream().distinct().count())
        .isLessThanOrEqualTo(DedupeWindow.MOST_PROCESSES);
    assertThat(takes(new Once(HONEST, 1, 1, 1, 0))).isTrue();
  }
}
