// Who is let in: identity, membership, versions, addresses.
package dev.p2pkit.overlay.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.transport.LinkFrame.Goodbye;
import dev.p2pkit.overlay.transport.LinkFrame.Hello;
import dev.p2pkit.overlay.transport.LinkStatistics.Drop;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdmissionTest {
  private static final TransportConfig PLAIN = TransportConfig.defaults().withTls(false);
  private static final LinkTimes BRIEF = LinkTimes.defaults().withGreeting(Duration.ofMillis(1500));

  private final Vertx vertx = Vertx.vertx(Transport.vertxOptions());

  @AfterEach
  void stop() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(20, SECONDS);
  }

  private static KitException failure(CompletableFuture<?> future) {
    try {
      future.get(10, SECONDS);
    } catch (ExecutionException e) {
      return KitException.from(e.getCause());
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    throw new AssertionError("it succeeded");
  }

  private static void refused(TestPeer dialler, TestPeer other, ErrorCode code, String text) {
    KitException why =
        failure(dialler.transport.connect(other.endpoint(), Optional.of(other.id())));
    assertThat(why.code()).isEqualTo(code);
    assertThat(why.detail()).contains(text);
    assertThat(dialler.transport.isUp(other.id())).isFalse();
    assertThat(other.eventsOf(dialler.id())).isEmpty();
    assertThat(dialler.eventsOf(other.id())).containsExactly(LinkEvent.REJECTED);
  }

  private TestPeer member(Membership membership) throws Exception {
    return TestPeer.start(vertx, TransportConfig.defaults().withMembership(membership));
  }

  private static Membership secret(String text) {
    return new Membership.SharedSecret((text + "-sixteen-bytes-at-least").getBytes(UTF_8));
  }

  @Test
  void anotherPeerThanExpectedIsAnErrorOnBothDialPaths() throws Exception {
    try (TestPeer one = TestPeer.start(vertx, TransportConfig.defaults());
        TestPeer other = TestPeer.start(vertx, TransportConfig.defaults())) {
      PeerId wrong = Identity.ephemeral().id();
      KitException why = failure(one.transport.connect(other.endpoint(), Optional.of(wrong)));
      assertThat(why.code()).isEqualTo(ErrorCode.UNAUTHORISED);
      assertThat(why.detail()).contains(wrong.toString()).contains(other.id().toString());

      PeerId second = Identity.ephemeral().id();
      assertThat(one.transport.send(new PeerRef(second, other.endpoint(), 1), Note.control(1)))
          .isEqualTo(SendResult.QUEUED);
      await().until(() -> one.eventsOf(second).equals(List.of(LinkEvent.REJECTED)));
      assertThat(other.events).isEmpty();
      assertThat(other.heard).isEmpty();
      assertThat(one.transport.statistics().dropped().get(Drop.LINK_LOST)).isEqualTo(1);
    }
  }

  @Test
  void anEntryPointThatIsThisPeerSaysSo() throws Exception {
    try (TestPeer one = TestPeer.start(vertx, TransportConfig.defaults())) {
      KitException why = failure(one.transport.connect(one.endpoint(), Optional.empty()));
      assertThat(why.code()).isEqualTo(ErrorCode.NO_ROUTE);
      assertThat(why.detail()).contains("this very peer");
      why = failure(one.transport.connect(one.endpoint(), Optional.of(one.id())));
      assertThat(why.detail()).contains("this very peer");
      assertThat(one.transport.send(one.ref(), Note.control(1))).isEqualTo(SendResult.CLOSED);
    }
  }

  @Test
  void membersWithTheSameSecretMeet() throws Exception {
    try (TestPeer one = member(secret("a"));
        TestPeer other = member(secret("a"))) {
      one.connect(other);
      one.send(other, Note.request(1));
      await().until(() -> other.numbers().equals(List.of(1L)));
    }
  }

  @Test
  void aWrongOrMissingSecretIsRefusedFromEitherSide() throws Exception {
    try (TestPeer one = member(secret("a"));
        TestPeer wrong = member(secret("b"));
        TestPeer without = member(Membership.none());
        TestPeer second = member(Membership.none())) {
      refused(wrong, one, ErrorCode.NETWORK_MISMATCH, "secret");
      refused(without, one, ErrorCode.NETWORK_MISMATCH, "secret");
      refused(one, second, ErrorCode.NETWORK_MISMATCH, "secret");
      await().until(() -> one.transport.statistics().dropped().get(Drop.NETWORK_MISMATCH) >= 1);
    }
  }

  @Test
  void leasesOfAnotherLengthAreRefusedFromEitherSideWithWhatToDo() throws Exception {
    TransportConfig fast = TransportConfig.defaults().withLease(Duration.ofMillis(1_250));
    try (TestPeer one = TestPeer.start(vertx, TransportConfig.defaults());
        TestPeer other = TestPeer.start(vertx, fast);
        TestPeer third = TestPeer.start(vertx, fast)) {
      refused(other, one, ErrorCode.NETWORK_MISMATCH, "--heartbeat");
      refused(one, third, ErrorCode.NETWORK_MISMATCH, "1250000 µs");
      await().until(() -> one.transport.statistics().dropped().get(Drop.NETWORK_MISMATCH) >= 1);
      other.connect(third);
    }
  }

  @Test
  void anotherNetworkIsRefusedWithBothNames() throws Exception {
    try (TestPeer one = TestPeer.start(vertx, TransportConfig.defaults().withNetwork("blue"));
        TestPeer other = TestPeer.start(vertx, TransportConfig.defaults().withNetwork("red"))) {
      refused(one, other, ErrorCode.NETWORK_MISMATCH, "'blue'");
      KitException why = failure(one.transport.connect(other.endpoint(), Optional.empty()));
      assertThat(why.detail()).contains("'red'").contains("'blue'");
    }
  }

  private TestPeer withCertificate(NetworkRoot root, Identity identity, Instant expires)
      throws Exception {
    return TestPeer.start(
        vertx,
        identity,
        1,
        TransportConfig.defaults()
            .withMembership(
                new Membership.RootCertificate(
                    root.issue(identity.rawPublicKey(), "p2pkit", expires))));
  }

  @Test
  void aRootDecidesWhoIsAMember() throws Exception {
    NetworkRoot root = NetworkRoot.ephemeral();
    NetworkRoot forger = NetworkRoot.ephemeral();
    Instant later = Instant.now().plusSeconds(3600);
    Identity stranger = Identity.ephemeral();
    try (TestPeer one = withCertificate(root, Identity.ephemeral(), later);
        TestPeer other = withCertificate(root, Identity.ephemeral(), later);
        TestPeer late = withCertificate(root, Identity.ephemeral(), Instant.now().minusSeconds(1));
        TestPeer forged = withCertificate(forger, Identity.ephemeral(), later);
        TestPeer thief =
            TestPeer.start(
                vertx,
                stranger,
                1,
                TransportConfig.defaults()
                    .withMembership(
                        new Membership.RootCertificate(
                            root.issue(Identity.ephemeral().rawPublicKey(), "p2pkit", later))));
        TestPeer without = member(Membership.none())) {
      one.connect(other);
      refused(late, one, ErrorCode.NETWORK_MISMATCH, "expired");
      refused(forged, other, ErrorCode.NETWORK_MISMATCH, "root");
      refused(without, late, ErrorCode.NETWORK_MISMATCH, "");
      KitException why = failure(thief.transport.connect(one.endpoint(), Optional.empty()));
      assertThat(why.detail()).contains("another peer");
    }
  }

  @Test
  void aCertificateIsReadFromItsTextAndAChangedOneIsNot(@TempDir Path folder) {
    NetworkRoot root = NetworkRoot.create(folder.resolve("root.key"));
    assertThat(NetworkRoot.load(folder.resolve("root.key")).rawPublicKey())
        .isEqualTo(root.rawPublicKey());
    assertThatThrownBy(() -> NetworkRoot.create(folder.resolve("root.key")))
        .isInstanceOf(KitException.class)
        .hasMessageContaining("exists");
    Identity member = Identity.ephemeral();
    String text = root.issue(member.rawPublicKey(), "blue", Instant.now().plusSeconds(60)).toText();
    MembershipCertificate read = MembershipCertificate.parse(text + "\n");
    assertThat(read.member()).isEqualTo(member.id());
    assertThat(read.network()).isEqualTo("blue");
    for (int i = 0; i < text.length(); i++) {
      char changed = text.charAt(i) == 'A' ? 'B' : 'A';
      String other = text.substring(0, i) + changed + text.substring(i + 1);
      if (i < text.length() - 1) { // the last character has bits that do not count
        assertThatThrownBy(() -> MembershipCertificate.parse(other))
            .isInstanceOf(KitException.class);
      }
    }
    assertThatThrownBy(() -> MembershipCertificate.parse("x".repeat(100_000)))
        .isInstanceOf(KitException.class);
  }

  @Test
  void aShortSecretIsRefused() {
    assertThatThrownBy(() -> new Membership.SharedSecret(new byte[15]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("16");
  }

  @Test
  void aSecretFileIsReadWithoutItsLineEnd(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("secret");
    Files.writeString(file, "correct horse battery\r\n");
    assertThat(Membership.SharedSecret.read(file))
        .isEqualTo(new Membership.SharedSecret("correct horse battery".getBytes(UTF_8)));
    for (byte[] bad : new byte[][] {{}, new byte[15], new byte[4097]}) {
      Files.write(file, bad);
      assertThatThrownBy(() -> Membership.SharedSecret.read(file))
          .isInstanceOf(KitException.class)
          .hasMessageContaining(file.toString());
    }
    assertThatThrownBy(() -> Membership.SharedSecret.read(folder))
        .isInstanceOf(KitException.class)
        .hasMessageContaining("make it readable");
  }

  @Test
  void anOlderOrNewerDiallerIsToldBothVersionRanges() throws Exception {
    try (TestPeer one = TestPeer.start(vertx, PLAIN);
        RawPeer raw = RawPeer.dial(one)) {
      raw.write(raw.hello(7, 9));
      Goodbye goodbye = raw.readGoodbye().orElseThrow();
      assertThat(goodbye.code()).isEqualTo("VERSION_SKEW");
      assertThat(goodbye.detail()).contains("1 to 1").contains("7 to 9");
      assertThat(one.transport.statistics().dropped().get(Drop.VERSION_SKEW)).isEqualTo(1);
    }
  }

  @Test
  void aListenerOfAnotherVersionFailsTheDialWithBothRanges() throws Exception {
    try (TestPeer one = TestPeer.start(vertx, PLAIN);
        ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      CompletableFuture<PeerRef> dial =
          one.transport.connect(new Endpoint("127.0.0.1", server.getLocalPort()), Optional.empty());
      try (RawPeer raw = new RawPeer(server.accept())) {
        assertThat(raw.readLinkFrame()).isInstanceOf(Hello.class);
        raw.write(raw.hello(3, 4));
        KitException why = failure(dial);
        assertThat(why.code()).isEqualTo(ErrorCode.VERSION_SKEW);
        assertThat(why.detail()).contains("1 to 1").contains("3 to 4");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aListenerThatWelcomesWithoutHavingProvedItselfIsNotLetIn(boolean expected) throws Exception {
    Identity identity = Identity.ephemeral();
    try (TestPeer one = TestPeer.start(vertx, PLAIN);
        ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      CompletableFuture<PeerRef> dial =
          one.transport.connect(
              new Endpoint("127.0.0.1", server.getLocalPort()),
              Optional.of(identity.id()).filter(id -> expected));
      try (RawPeer raw = RawPeer.accept(server, identity)) {
        assertThat(raw.readLinkFrame()).isInstanceOf(Hello.class);
        raw.write(raw.hello(1, 1));
        raw.write(new LinkFrame.Welcome(1));
        assertThat(failure(dial).code()).isEqualTo(ErrorCode.PROTOCOL_ERROR);
        assertThat(one.transport.isUp(identity.id())).isFalse();
      }
    }
  }

  @Test
  void withoutTlsThePrivateKeyMustBeProvedByASignature() throws Exception {
    try (TestPeer one = TestPeer.start(vertx, PLAIN);
        RawPeer raw = RawPeer.dial(one)) {
      raw.write(raw.hello(1, 1));
      raw.readLinkFrame();
      raw.readLinkFrame();
      raw.write(new LinkFrame.Proof(new Bytes(new byte[64]), 0, Bytes.EMPTY));
      assertThat(raw.readGoodbye().orElseThrow().code()).isEqualTo("UNAUTHORISED");
      assertThat(one.events).isEmpty();
    }
  }

  @Test
  void plainLinksWorkOnLoopbackAndNowhereElse() throws Exception {
    try (TestPeer one = TestPeer.start(vertx, PLAIN);
        TestPeer other = TestPeer.start(vertx, PLAIN)) {
      one.send(other, Note.request(1));
      await().until(() -> other.numbers().equals(List.of(1L)));
      KitException why =
          failure(one.transport.connect(new Endpoint("192.0.2.1", 4000), Optional.empty()));
      assertThat(why.code()).isEqualTo(ErrorCode.UNAUTHORISED);
      assertThat(why.detail()).contains("TLS");
    }
    KitException why = failure(unbound(PLAIN.withBind("0.0.0.0", 0).withOpen(true)));
    assertThat(why.detail()).contains("without TLS");
  }

  private CompletableFuture<Endpoint> unbound(TransportConfig config) {
    return new TestPeer(vertx, Identity.ephemeral(), 1, config).transport.listen();
  }

  @Test
  void withoutProofOfMembershipAPeerBindsLoopbackOnly() throws Exception {
    TransportConfig wide = TransportConfig.defaults().withBind("0.0.0.0", 0);
    KitException why = failure(unbound(wide));
    assertThat(why.code()).isEqualTo(ErrorCode.UNAUTHORISED);
    assertThat(why.detail()).contains("--secret-file").contains("--open");
    Endpoint elsewhere = new Endpoint("peer.example", 4000);
    assertThat(unbound(wide.withOpen(true).withAdvertise(elsewhere)).get(10, SECONDS))
        .isEqualTo(elsewhere);
    assertThat(unbound(wide.withMembership(secret("a")).withAdvertise(elsewhere)).get(10, SECONDS))
        .isEqualTo(elsewhere);
  }

  @Test
  void aTakenPortNamesPortAndFix() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        TestPeer one = TestPeer.start(vertx, TransportConfig.defaults())) {
      for (int port : new int[] {server.getLocalPort(), one.endpoint().port()}) {
        KitException why = failure(unbound(TransportConfig.defaults().withBind("127.0.0.1", port)));
        assertThat(why.code()).isEqualTo(ErrorCode.ADDRESS_IN_USE);
        assertThat(why.detail()).contains("port " + port).contains("choose another");
      }
    }
  }

  @Test
  void aReleasedPortCanBeBoundAgain() throws Exception {
    TestPeer one = TestPeer.start(vertx, TransportConfig.defaults());
    int port = one.endpoint().port();
    one.close();
    TestPeer.start(vertx, TransportConfig.defaults().withBind("127.0.0.1", port)).close();
  }

  @Test
  void whereNobodyListensOrAnswersThereIsNoRoute() throws Exception {
    int closed;
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      closed = server.getLocalPort();
    }
    try (TestPeer one = TestPeer.start(vertx, TransportConfig.defaults().withTimes(BRIEF));
        ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      PeerId id = Identity.ephemeral().id();
      KitException why =
          failure(one.transport.connect(new Endpoint("127.0.0.1", closed), Optional.of(id)));
      assertThat(why.code()).isEqualTo(ErrorCode.NO_ROUTE);
      assertThat(why.detail()).contains("nobody listens");
      assertThat(one.eventsOf(id)).containsExactly(LinkEvent.UNREACHABLE);

      PeerId mute = Identity.ephemeral().id();
      why =
          failure(
              one.transport.connect(
                  new Endpoint("127.0.0.1", silent.getLocalPort()), Optional.of(mute)));
      assertThat(why.code()).isEqualTo(ErrorCode.NO_ROUTE);
      assertThat(one.eventsOf(mute)).containsExactly(LinkEvent.UNREACHABLE);
    }
  }

  @Test
  void revokingTrustEndsTheLinkAtOnceAndKeepsThePeerOut() throws Exception {
    try (TestPeer one = TestPeer.start(vertx, TransportConfig.defaults());
        TestPeer other = TestPeer.start(vertx, TransportConfig.defaults())) {
      one.connect(other);
      one.transport.revoke(other.id());
      await().until(() -> one.eventsOf(other.id()).contains(LinkEvent.DOWN));
      await().until(() -> other.eventsOf(one.id()).contains(LinkEvent.DOWN));
      assertThat(one.send(other, Note.control(1))).isEqualTo(SendResult.CLOSED);
      KitException why = failure(other.transport.connect(one.endpoint(), Optional.empty()));
      assertThat(why.code()).isEqualTo(ErrorCode.UNAUTHORISED);
      why = failure(one.transport.connect(other.endpoint(), Optional.empty()));
      assertThat(why.code()).isEqualTo(ErrorCode.UNAUTHORISED);
      one.transport.readmit(other.id());
      one.connect(other);
    }
  }
}
