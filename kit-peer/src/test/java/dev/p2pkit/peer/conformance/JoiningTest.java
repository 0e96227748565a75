// The founding API's rows on creating, joining and leaving: each test is one row.
package dev.p2pkit.peer.conformance;

import static dev.p2pkit.peer.conformance.TestRing.await;
import static dev.p2pkit.peer.conformance.TestRing.failure;
import static dev.p2pkit.peer.conformance.TestRing.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.transport.DataDirectory;
import dev.p2pkit.overlay.transport.IdPuzzle;
import dev.p2pkit.overlay.transport.Identity;
import dev.p2pkit.overlay.transport.NetworkRoot;
import dev.p2pkit.peer.HeartbeatProfile;
import dev.p2pkit.peer.JoinMode;
import dev.p2pkit.peer.Peer;
import dev.p2pkit.peer.PeerBuilder;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.PeerId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class JoiningTest {
  private final TestRing ring = new TestRing();

  @AfterEach
  void stop() {
    ring.close();
  }

  @Test
  void create_makesAPeerThatIsAloneAndOwnsEveryKey() {
    Peer peer = ring.start(settings -> settings.joinMode(JoinMode.CREATE));
    assertThat(peer.info().predecessor()).isEqualTo(peer.peerId());
    assertThat(peer.info().successors()).isEmpty();
    assertThat(get(peer.ring())).hasSize(1);
  }

  @Test
  void join_triesEntryPointsUntilOneLives() throws IOException {
    Peer first = ring.start(settings -> settings);
    List<String> points = List.of(deadEndpoint(), deadEndpoint(), first.entryPoint());
    Peer second = ring.start(settings -> settings.entryPoints(points).joinMode(JoinMode.JOIN_ONLY));
    ring.awaitClosed();
    assertThat(second.info().predecessor()).isEqualTo(first.peerId());
  }

  @Test
  void joinOnly_failsWithinItsLimitAndNamesEachDeadEntryPoint() throws IOException {
    List<String> points = List.of(deadEndpoint(), deadEndpoint());
    KitException failure =
        failure(
            ring.settings()
                .joinMode(JoinMode.JOIN_ONLY)
                .entryPoints(points)
                .joinLimit(Duration.ofSeconds(3))
                .start());
    assertThat(failure.code()).isEqualTo(ErrorCode.NO_ROUTE);
    assertThat(failure.detail()).contains(points.get(0)).contains(points.get(1));
  }

  @Test
  void createOrJoin_createsWhereNobodyAnswers() throws IOException {
    String dead = deadEndpoint();
    Peer peer =
        ring.start(
            s ->
                s.joinMode(JoinMode.CREATE_OR_JOIN)
                    .entryPoints(List.of(dead))
                    .joinLimit(Duration.ofSeconds(3)));
    assertThat(peer.info().predecessor()).isEqualTo(peer.peerId());
  }

  @Test
  void init_accessPointsOfTheBuilderMissNothingWhileThePeerJoins() {
    Peer sender = ring.start(settings -> settings);
    Listener<NetworkEvent> events = Listener.to(sender.events());
    List<Long> expected = LongStream.range(0, 1_000).boxed().toList();
    int metWhileJoining = 0;
    // A start may be over before its first message is sent; one of several is not.
    for (int attempt = 0; attempt < 20 && metWhileJoining == 0; attempt++) {
      int before = joined(events).size();
      List<Long> seen = Collections.synchronizedList(new ArrayList<>());
      CompletableFuture<Peer> joining =
          ring.settings()
              .accessPoint("early", message -> seen.add(message.body(Long.class)))
              .start();
      await()
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(1))
          .until(() -> joined(events).size() > before);
      PeerId receiver = joined(events).get(before);
      List<CompletableFuture<?>> sent = new ArrayList<>();
      for (long i : expected) {
        sent.add(sender.sendPeer(receiver, "early", i));
        metWhileJoining += joining.isDone() ? 0 : 1;
      }
      ring.peers().add(get(joining));
      sent.forEach(TestRing::get);
      assertThat(seen).containsExactlyElementsOf(expected);
    }
    assertThat(metWhileJoining).as("messages sent before the start had completed").isPositive();
  }

  /** Who has joined, in the order in which a peer heard of it. */
  private static List<PeerId> joined(Listener<NetworkEvent> events) {
    return events.seen.stream()
        .filter(NetworkEvent.PeerJoined.class::isInstance)
        .map(event -> ((NetworkEvent.PeerJoined) event).peer())
        .toList();
  }

  @Test
  void simultaneousJoinsThroughOnePeer_makeOneRing() {
    ring.start(settings -> settings);
    List<CompletableFuture<Peer>> joining =
        IntStream.range(0, 8).mapToObj(i -> ring.settings().start()).toList();
    joining.forEach(stage -> ring.peers().add(get(stage)));
    ring.awaitClosed();
  }

  @Test
  void leave_closesTheRingBehindAndEndsStreams() {
    ring.grow(4);
    Peer leaver = ring.peer(2);
    Listener<NetworkEvent> events = Listener.to(ring.peer(0).events());
    Listener<?> stream = Listener.to(leaver.stream("anything"));
    ring.leave(leaver);
    ring.awaitClosed();
    await()
        .untilAsserted(
            () -> assertThat(events.seen).contains(new NetworkEvent.PeerLeft(leaver.peerId())));
    await().until(() -> stream.ended);
    assertThat(failure(leaver.sendKey(leaver.peerId().position(), "a", 1L)).code())
        .isEqualTo(ErrorCode.CLOSED);
  }

  @Test
  void events_tellOfNeighboursPeersAndBeingAlone() {
    Peer first = ring.start(settings -> settings);
    Listener<NetworkEvent> events = Listener.to(first.events());
    Peer second = ring.start(settings -> settings);
    ring.awaitClosed();
    await()
        .untilAsserted(
            () ->
                assertThat(events.seen)
                    .contains(
                        new NetworkEvent.PeerJoined(second.peerId()),
                        new NetworkEvent.NewSuccessor(second.peerId()),
                        new NetworkEvent.NewPredecessor(second.peerId()),
                        new NetworkEvent.NewSuccessorList(List.of(second.peerId())),
                        new NetworkEvent.NewRoutingTable(2),
                        new NetworkEvent.LinkOpened(second.peerId())));
    ring.leave(second);
    await().untilAsserted(() -> assertThat(events.seen).contains(new NetworkEvent.Alone()));
  }

  @Test
  void anotherNetworksName_isRefused() {
    Peer first = ring.start(settings -> settings);
    KitException failure =
        failure(
            ring.settings()
                .network("other")
                .entryPoints(List.of(first.entryPoint()))
                .joinMode(JoinMode.JOIN_ONLY)
                .joinLimit(Duration.ofSeconds(3))
                .start());
    assertThat(failure.code()).isEqualTo(ErrorCode.NETWORK_MISMATCH);
  }

  @Test
  void anotherHeartbeat_isRefusedAndTheSameIsNot() {
    Peer first = ring.start(settings -> settings.heartbeat(HeartbeatProfile.FAST));
    KitException failure =
        failure(
            ring.settings()
                .entryPoints(List.of(first.entryPoint()))
                .joinLimit(Duration.ofSeconds(3))
                .start());
    assertThat(failure.code()).isEqualTo(ErrorCode.NETWORK_MISMATCH);
    assertThat(failure.detail()).contains("--heartbeat");
    ring.start(settings -> settings.heartbeat(HeartbeatProfile.FAST).joinMode(JoinMode.JOIN_ONLY));
    ring.awaitClosed();
  }

  @Test
  void trustInDeathsAndContacts_mayDifferInOneRing() {
    ring.start(settings -> settings);
    ring.start(settings -> settings.trustDeath(false).contacts(4).joinMode(JoinMode.JOIN_ONLY));
    ring.awaitClosed();
  }

  @Test
  void anotherSecret_isRefused() throws IOException {
    var one = Files.writeString(ring.directory().resolve("one"), "a secret of sufficient length");
    var two = Files.writeString(ring.directory().resolve("two"), "another secret, long enough");
    Peer first = ring.start(settings -> settings.secretFile(one));
    ring.start(settings -> settings.secretFile(one));
    KitException failure =
        failure(
            ring.settings()
                .secretFile(two)
                .entryPoints(List.of(first.entryPoint()))
                .joinMode(JoinMode.JOIN_ONLY)
                .joinLimit(Duration.ofSeconds(3))
                .start());
    assertThat(failure.code()).isEqualTo(ErrorCode.NETWORK_MISMATCH);
  }

  @Test
  void aCertificateOfTheNetworksRoot_letsInAndItsAbsenceDoesNot() {
    NetworkRoot root = NetworkRoot.ephemeral();
    Peer first = ring.start(settings -> certified(settings, root, "one"));
    ring.start(settings -> certified(settings, root, "two"));
    ring.awaitClosed();
    for (NetworkRoot other : List.of(NetworkRoot.ephemeral(), NetworkRoot.ephemeral())) {
      KitException failure =
          failure(
              certified(ring.settings(), other, "other " + other.hashCode())
                  .entryPoints(List.of(first.entryPoint()))
                  .joinLimit(Duration.ofSeconds(3))
                  .start());
      assertThat(failure.code()).isEqualTo(ErrorCode.NETWORK_MISMATCH);
    }
  }

  @Test
  void whereIdentitiesMustCostSomething_onlyThoseThatSolveThePuzzleAreLetIn() {
    Peer first = ring.start(settings -> settings.idPuzzle(5));
    ring.start(settings -> settings.idPuzzle(5));
    ring.awaitClosed();
    Path cheap = ring.directory().resolve("cheap");
    Identity found = Identity.loadOrCreate(cheap);
    while (IdPuzzle.solvedBits(found.rawPublicKey()) >= 5
        || IdPuzzle.solvedBits(found.rawPublicKey()) < 1) {
      cheap = ring.directory().resolve("cheap-" + found.id());
      found = Identity.loadOrCreate(cheap);
    }
    KitException own = failure(ring.settings().dataDirectory(cheap).idPuzzle(5).start());
    assertThat(own.detail()).contains("p2pkit identity");
    KitException refused =
        failure(
            ring.settings()
                .dataDirectory(cheap)
                .idPuzzle(1)
                .entryPoints(List.of(first.entryPoint()))
                .joinLimit(Duration.ofSeconds(3))
                .start());
    assertThat(refused.code()).isEqualTo(ErrorCode.NETWORK_MISMATCH);
    assertThat(refused.detail()).contains("--id-puzzle 5");
  }

  private PeerBuilder certified(PeerBuilder settings, NetworkRoot root, String name) {
    Path directory = ring.directory().resolve(name);
    try (DataDirectory data = DataDirectory.open(directory)) {
      var certificate =
          root.issue(data.identity().rawPublicKey(), "p2pkit", Instant.now().plusSeconds(3_600));
      Path file = Files.writeString(ring.directory().resolve(name + ".cert"), certificate.toText());
      return settings.dataDirectory(directory).rootCertificate(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void anExpectedPeerThatIsAnother_isAnError() {
    Peer first = ring.start(settings -> settings);
    String wrong = first.ref().endpoint() + "#" + "0".repeat(32);
    KitException failure =
        failure(
            ring.settings()
                .entryPoints(List.of(wrong))
                .joinMode(JoinMode.JOIN_ONLY)
                .joinLimit(Duration.ofSeconds(3))
                .start());
    assertThat(failure.code()).isEqualTo(ErrorCode.UNAUTHORISED);
    assertThat(failure.detail()).contains(first.peerId().toString());
  }

  @Test
  void aPortInUse_saysSo() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      KitException failure = failure(ring.settings().port(taken.getLocalPort()).start());
      assertThat(failure.code()).isEqualTo(ErrorCode.ADDRESS_IN_USE);
      assertThat(failure.detail()).contains(String.valueOf(taken.getLocalPort()));
    }
  }

  @Test
  void aFileInPlaceOfTheDataDirectory_saysSoAndNamesTheFix() throws IOException {
    Path file = Files.writeString(ring.directory().resolve("a-file"), "x");
    KitException failure = failure(ring.settings().dataDirectory(file).start());
    assertThat(failure.code()).isEqualTo(ErrorCode.UNAUTHORISED);
    assertThat(failure.detail())
        .contains(file.toString())
        .contains("name a directory that this user may read and write");
  }

  @Test
  void aDataDirectoryWithoutPermissions_saysSoAndNamesTheFix() throws IOException {
    Path locked = Files.createDirectory(ring.directory().resolve("locked"));
    Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("---------"));
    // Root writes anywhere but among the kernel's settings.
    Path settings = Path.of("/proc/sys");
    boolean root = Files.isWritable(locked);
    Assumptions.assumeTrue(
        !root || Files.isDirectory(settings),
        "this machine has no directory that root cannot write to");
    Path directory = root ? settings.resolve("p2pkit") : locked;
    KitException failure = failure(ring.settings().dataDirectory(directory).start());
    assertThat(failure.code()).isEqualTo(ErrorCode.UNAUTHORISED);
    assertThat(failure.detail())
        .contains(directory.toString())
        .contains("name a directory that this user may read and write");
  }

  @Test
  void aGarbledIdentity_saysSoAndNamesTheFix() throws IOException {
    Path directory = Files.createDirectory(ring.directory().resolve("garbled"));
    Path key = Files.writeString(directory.resolve(Identity.FILE), "this is no key pair");
    KitException failure = failure(ring.settings().dataDirectory(directory).start());
    assertThat(failure.code()).isEqualTo(ErrorCode.UNAUTHORISED);
    assertThat(failure.detail())
        .contains(key.toString())
        .contains("restore it from a backup, or remove it to get a new one");
    Files.delete(key);
    ring.start(settings -> settings.dataDirectory(directory));
  }

  @Test
  void aStartThatFails_leavesNoThreadAndNoLock() throws IOException {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    Path directory = Files.createDirectory(ring.directory().resolve("half"));
    Path registry = Files.writeString(directory.resolve("registry"), "a file in its place");
    KitException failure = failure(ring.settings().dataDirectory(directory).start());
    assertThat(failure.code()).isEqualTo(ErrorCode.NOT_READY);
    assertThat(failure.detail()).contains(registry.toString());
    await()
        .untilAsserted(
            () ->
                assertThat(Thread.getAllStackTraces().keySet())
                    .filteredOn(thread -> !before.contains(thread))
                    .extracting(Thread::getName)
                    .noneMatch(name -> name.startsWith("p2pkit-") || name.startsWith("vert.x-")));
    Files.delete(registry);
    ring.start(settings -> settings.dataDirectory(directory));
  }

  @Test
  void aDataDirectoryInUse_saysSo() {
    Peer first = ring.start(settings -> settings.dataDirectory(ring.directory().resolve("shared")));
    KitException failure =
        failure(ring.settings().dataDirectory(ring.directory().resolve("shared")).start());
    assertThat(failure.code()).isEqualTo(ErrorCode.ADDRESS_IN_USE);
    assertThat(first.info().peer()).isEqualTo(first.peerId());
  }

  @Test
  void aRingOfTwentyPeersOnRealSockets_closes() {
    ring.grow(20);
    assertThat(get(ring.peer(7).broadcast("nothing-listens", "x")).refused()).hasSize(20);
  }

  /** An endpoint at which nobody listens: bound a moment ago, and free again. */
  private static String deadEndpoint() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return "127.0.0.1:" + socket.getLocalPort();
    }
  }
}
