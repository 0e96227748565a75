// A peer whose disk is full when it starts says so, and starts when there is room again.
package dev.p2pkit.peer.conformance;

import static dev.p2pkit.peer.conformance.TestRing.failure;
import static dev.p2pkit.peer.conformance.TestRing.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.p2pkit.peer.JoinMode;
import dev.p2pkit.peer.Peer;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FullDiskTest {
  private static final int DISK_KIB = 256;

  @TempDir private Path place;

  private Path disk;
  private boolean mounted;

  @BeforeEach
  void mount() throws Exception {
    disk = Files.createDirectory(place.resolve("disk"));
    mounted = SmallDisk.mount(disk, DISK_KIB);
    assumeTrue(mounted, "this user may not mount a small disk");
  }

  @AfterEach
  void unmount() throws Exception {
    if (mounted) {
      assertThat(SmallDisk.unmount(disk)).isTrue();
    }
  }

  private Path fill() throws IOException {
    Path filler = disk.resolve("filler");
    try (OutputStream out = Files.newOutputStream(filler)) {
      byte[] page = new byte[512];
      for (int written = 0; written <= DISK_KIB * 1_024; written += page.length) {
        out.write(page);
      }
      throw new AssertionError("the disk is larger than it should be");
    } catch (IOException full) {
      return filler;
    }
  }

  private CompletableFuture<Peer> start() {
    return Peer.builder()
        .dataDirectory(disk.resolve("data"))
        .ownerKey(place.resolve("owner.key"))
        .joinMode(JoinMode.CREATE)
        .start();
  }

  @Test
  void aNewPeerOnAFullDiskSaysSoAndStartsWhenThereIsRoom() throws IOException {
    Path filler = fill();

    KitException why = failure(start());
    assertThat(why.code()).isEqualTo(ErrorCode.UNAUTHORISED);
    assertThat(why.detail()).contains(disk.toString()).containsIgnoringCase("space");

    Files.delete(filler);
    get(get(start()).leave());
  }

  @Test
  void aPeerThatComesBackOnAFullDiskKeepsItsIdentityAndTheNumberOfItsStart() throws IOException {
    Peer first = get(start());
    get(first.leave());
    String before = Files.readString(disk.resolve("data/incarnation"));
    Path filler = fill();

    KitException why = failure(start());
    assertThat(why.detail()).contains(disk.toString()).containsIgnoringCase("space");
    assertThat(Files.readString(disk.resolve("data/incarnation"))).isEqualTo(before);

    Files.delete(filler);
    Peer back = get(start());
    assertThat(back.peerId()).isEqualTo(first.peerId());
    get(back.leave());
  }
}
