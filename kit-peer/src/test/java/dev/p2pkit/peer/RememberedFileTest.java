// The file of remembered peers: what is written comes back, and what is damaged harms nobody.
package dev.p2pkit.peer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.peer.EntryPoint;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RememberedFileTest {
  @TempDir Path directory;

  private static List<EntryPoint> points(int count) {
    return IntStream.range(0, count)
        .mapToObj(
            i ->
                new EntryPoint(
                    new Endpoint(i % 2 == 0 ? "host-" + i : "fe80::" + i, 1 + i),
                    Optional.of(new PeerId(Key.of(i)))))
        .toList();
  }

  private Path file() {
    return directory.resolve("remembered");
  }

  @Test
  void whatWasWrittenComesBack() {
    new RememberedFile(directory).save(points(5));
    assertThat(new RememberedFile(directory).load()).isEqualTo(points(5));
    assertThat(RememberedFile.isIn(directory)).isTrue();
    assertThat(directory.resolve("remembered.new")).doesNotExist();
  }

  @Test
  void aPeerWithoutSuchAFileRemembersNobody() {
    assertThat(RememberedFile.isIn(directory)).isFalse();
    assertThat(new RememberedFile(directory).load()).isEmpty();
  }

  @Test
  void aPeerThatIsAloneDoesNotForgetThoseItKnew() {
    RememberedFile file = new RememberedFile(directory);
    file.save(points(3));
    file.save(List.of());
    assertThat(new RememberedFile(directory).load()).hasSize(3);
  }

  @Test
  void noMoreThanSixtyFourAreWritten() {
    new RememberedFile(directory).save(points(100));
    assertThat(new RememberedFile(directory).load()).hasSize(64);
  }

  @Test
  void aFileThatWasCutOffAnywhereIsLeftOut() throws IOException {
    new RememberedFile(directory).save(points(3));
    byte[] whole = Files.readAllBytes(file());
    for (int length = 0; length < whole.length - 1; length++) {
      Files.write(file(), java.util.Arrays.copyOf(whole, length));
      assertThat(new RememberedFile(directory).load()).as("%d bytes", length).isEmpty();
    }
  }

  @Test
  void aFileOfRubbishOrOfTooManyBytesIsLeftOutAndWrittenAnew() throws IOException {
    Files.write(file(), new byte[] {(byte) 0xC3, 0x28, 10, 10, 0});
    assertThat(new RememberedFile(directory).load()).isEmpty();
    Files.writeString(file(), "x\n".repeat(100_000), StandardCharsets.UTF_8);
    RememberedFile file = new RememberedFile(directory);
    assertThat(file.load()).isEmpty();
    file.save(points(2));
    assertThat(new RememberedFile(directory).load()).isEqualTo(points(2));
  }
}
