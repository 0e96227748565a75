// Peers on real sockets in one process, with an oracle over what each of them processed.
package dev.p2pkit.overlay.peer;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.ring.RingConfig;
import dev.p2pkit.overlay.routing.Draft;
import dev.p2pkit.overlay.routing.Envelope;
import dev.p2pkit.overlay.routing.Inbound;
import dev.p2pkit.overlay.routing.Outcome;
import dev.p2pkit.overlay.transport.ClientAdmission;
import dev.p2pkit.overlay.transport.ClientGreeting;
import dev.p2pkit.overlay.transport.ClientLink;
import dev.p2pkit.overlay.transport.DataDirectory;
import dev.p2pkit.overlay.transport.Identity;
import dev.p2pkit.overlay.transport.Transport;
import dev.p2pkit.overlay.transport.TransportConfig;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.PeerId;
import io.vertx.core.Vertx;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** A ring in this process; closes everything at the end. */
final class TestRing implements AutoCloseable {
  static final Duration LIMIT = Duration.ofSeconds(30);

  /** One peer: answers every rpc with the body that it got. */
  static final class Member implements OverlayListener {
    final OverlayPeer overlay;
    final Queue<Integer> processed = new ConcurrentLinkedQueue<>();
    final Queue<String> broadcasts = new ConcurrentLinkedQueue<>();
    final Queue<NetworkEvent> events = new ConcurrentLinkedQueue<>();
    volatile Consumer<Inbound> handler = this::answer;
    volatile boolean alive = true;

    Member(Vertx vertx, Identity identity, OverlayConfig config) {
      overlay = new OverlayPeer(vertx, identity, incarnations.incrementAndGet(), config, this);
    }

    void answer(Inbound inbound) {
      processed.add(ByteBuffer.wrap(inbound.envelope().body()).getInt());
      overlay.complete(
          inbound,
          inbound.envelope().has(Envelope.RPC)
              ? new Outcome.Replied(id(), inbound.envelope().body(), 0)
              : new Outcome.Acknowledged(id(), true, 0));
    }

    PeerId id() {
      return overlay.self().id();
    }

    EntryPoint entryPoint() {
      return new EntryPoint(overlay.self().endpoint(), Optional.of(id()));
    }

    CompletableFuture<Outcome> key(Key key, int number, Duration life) {
      return open(Draft.toKey(key, "ap", Envelope.RPC, body(number), life.toNanos() / 1_000));
    }

    CompletableFuture<Outcome> peer(PeerId peer, int number, Duration life) {
      return open(Draft.toPeer(peer, "ap", Envelope.RPC, body(number), life.toNanos() / 1_000));
    }

    CompletableFuture<Outcome> open(Draft draft) {
      CompletableFuture<Outcome> outcome = new CompletableFuture<>();
      overlay.open(draft, outcome::complete);
      return outcome;
    }

    @Override
    public void deliver(Inbound inbound) {
      handler.accept(inbound);
    }

    @Override
    public Optional<ErrorCode> onBroadcast(PeerRef origin, int topic, byte[] payload) {
      broadcasts.add(new String(payload, java.nio.charset.StandardCharsets.UTF_8));
      return Optional.empty();
    }

    @Override
    public void onView(RingView view) {}

    @Override
    public void onEvent(NetworkEvent event) {
      events.add(event);
    }

    @Override
    public ClientAdmission admitClient(ClientGreeting greeting) {
      return ClientAdmission.refuse(ErrorCode.UNAUTHORISED, "no clients here");
    }

    @Override
    public void onClientUp(ClientLink link) {}

    @Override
    public void onClientMessage(ClientLink link, WireMessage message) {}

    @Override
    public void onClientDown(ClientLink link, String reason) {}
  }

  private static final AtomicLong incarnations = new AtomicLong(System.currentTimeMillis());

  final Vertx vertx = Vertx.vertx(Transport.vertxOptions());
  final List<Member> members = new ArrayList<>();
  final AtomicInteger numbers = new AtomicInteger();
  final OverlayConfig config;

  TestRing(boolean tls) {
    this(tls, UnaryOperator.identity(), RingConfig.FAST);
  }

  TestRing(boolean tls, UnaryOperator<TransportConfig> changes, RingConfig ringConfig) {
    config =
        OverlayConfig.defaults()
            .withTransport(changes.apply(TransportConfig.defaults().withTls(tls)))
            .withRing(ringConfig);
  }

  static byte[] body(int number) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
  }

  /** A peer that listens and belongs to no ring. */
  Member listening() {
    Member member = new Member(vertx, Identity.ephemeral(), config);
    member.overlay.listen().join();
    members.add(member);
    return member;
  }

  /** A peer with the identity and the lock of a data directory. */
  Member listening(DataDirectory data) {
    OverlayConfig locked = config.withTransport(config.transport().withLock(data.lock()));
    Member member = new Member(vertx, data.identity(), locked);
    member.overlay.listen().join();
    members.add(member);
    return member;
  }

  /** A peer that has founded a ring or joined that of the first one. */
  Member join() {
    return join(listening());
  }

  Member join(DataDirectory data) {
    return join(listening(data));
  }

  private Member join(Member member) {
    Member first = members.get(0);
    if (first == member) {
      member.overlay.enter(List.of(), EntryMode.CREATE, LIMIT).join();
    } else {
      member.overlay.enter(List.of(first.entryPoint()), EntryMode.JOIN_ONLY, LIMIT).join();
    }
    return member;
  }

  /** So many peers, all of which know each other. */
  TestRing of(int peers) {
    for (int i = 0; i < peers; i++) {
      join();
    }
    awaitViews();
    return this;
  }

  List<Member> alive() {
    return members.stream().filter(member -> member.alive).toList();
  }

  void awaitViews() {
    List<Member> present = alive();
    org.awaitility.Awaitility.await()
        .atMost(LIMIT)
        .until(
            () ->
                present.stream()
                    .allMatch(member -> member.overlay.view().size() == present.size()));
  }

  /** The peer that is to own a key among those that live. */
  Member owner(Key key) {
    PeerId owner = alive().get(0).overlay.view().owner(key).id();
    return alive().stream().filter(member -> member.id().equals(owner)).findFirst().orElseThrow();
  }

  /** Gone without a word: links closed, port closed. */
  void kill(Member member) {
    member.alive = false;
    member.overlay.close().join();
  }

  /** Fails if anything was processed more than once, here or there. */
  ConcurrentHashMap<Integer, Integer> timesProcessed() {
    ConcurrentHashMap<Integer, Integer> times = new ConcurrentHashMap<>();
    for (Member member : members) {
      member.processed.forEach(number -> times.merge(number, 1, Integer::sum));
    }
    return times;
  }

  @Override
  public void close() {
    alive().forEach(member -> member.overlay.close().join());
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }
}
