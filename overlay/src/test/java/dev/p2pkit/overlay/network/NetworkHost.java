// A process with one peer, which calls keys and broadcasts all the time and writes down what it
// does.
package dev.p2pkit.overlay.network;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.Holding;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.peer.EntryMode;
import dev.p2pkit.overlay.peer.EntryPoint;
import dev.p2pkit.overlay.peer.OverlayConfig;
import dev.p2pkit.overlay.peer.OverlayListener;
import dev.p2pkit.overlay.peer.OverlayPeer;
import dev.p2pkit.overlay.ring.RingConfig;
import dev.p2pkit.overlay.ring.RingMachine;
import dev.p2pkit.overlay.routing.Draft;
import dev.p2pkit.overlay.routing.Envelope;
import dev.p2pkit.overlay.routing.Inbound;
import dev.p2pkit.overlay.routing.Outcome;
import dev.p2pkit.overlay.transport.ClientAdmission;
import dev.p2pkit.overlay.transport.ClientGreeting;
import dev.p2pkit.overlay.transport.ClientLink;
import dev.p2pkit.overlay.transport.DataDirectory;
import dev.p2pkit.overlay.transport.Membership;
import dev.p2pkit.overlay.transport.Transport;
import dev.p2pkit.overlay.transport.TransportConfig;
import dev.p2pkit.sdk.Delivery;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.OwnershipMode;
import io.vertx.core.Vertx;
import java.io.BufferedReader;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One peer in a process of its own. Joins, then sends a call to one of {@link #KEYS} keys every few
 * milliseconds and a broadcast a few times a second, and writes what it does into a file: one line
 * each, with the microseconds of the monotonic clock, which all processes of a machine share.
 * Leaves when its standard input ends.
 */
final class NetworkHost implements OverlayListener {
  /** To how many keys the calls go. */
  static final int KEYS = 24;

  static final Duration LIFE = Duration.ofSeconds(5);

  /** On the command line: the profiles of timing. */
  static final String FAST = "fast";

  static final String DEFAULT = "default";

  /** On the command line: others dial this process itself. */
  static final String DIRECT = "direct";

  /** How far from the process's own port the path listens that others dial. */
  static final int PATH_PORTS = 1;

  private static final long SAMPLE_MILLIS = 10;
  private static final long CALL_MILLIS = 10;
  private static final long CAST_MILLIS = 250;
  private static final byte[] SECRET = "the secret of a test network".getBytes(UTF_8);

  private final FileOutputStream log;
  private final OverlayPeer overlay;

  /** Of calls and of broadcasts. */
  private final AtomicLong numbers;

  private final Optional<FaultyPath> path;
  private int nextKey;

  /**
   * A host.
   *
   * @param arguments address to listen on, port, data directory, log file, first number of its
   *     calls and broadcasts, number of its start, profile, weather of the path to it, entry points
   */
  private NetworkHost(String[] arguments) throws IOException {
    log = new FileOutputStream(arguments[3], true);
    numbers = new AtomicLong(Long.parseLong(arguments[4]));
    DataDirectory data = DataDirectory.open(Path.of(arguments[2]));
    Vertx vertx = Vertx.vertx(Transport.vertxOptions());
    String address = arguments[0];
    int port = Integer.parseInt(arguments[1]);
    TransportConfig transport =
        TransportConfig.defaults()
            .withBind(address, port)
            .withMembership(new Membership.SharedSecret(SECRET))
            .withLock(data.lock());
    if (arguments[7].equals(DIRECT)) {
      path = Optional.empty();
    } else {
      int front = port + PATH_PORTS;
      transport = transport.withAdvertise(new Endpoint(address, front));
      Weather weather = Weather.parse(arguments[7]);
      path = Optional.of(new FaultyPath(vertx, address, front, address, port, weather, front));
    }
    OverlayConfig config =
        OverlayConfig.defaults()
            .withRing(arguments[6].equals(FAST) ? RingConfig.FAST : RingConfig.DEFAULT)
            .withTransport(transport);
    overlay = new OverlayPeer(vertx, data.identity(), Long.parseLong(arguments[5]), config, this);
  }

  /** See the constructor. */
  public static void main(String[] arguments) throws IOException {
    NetworkHost host = new NetworkHost(arguments);
    host.run(List.of(arguments).subList(8, arguments.length));
    Runtime.getRuntime().halt(0);
  }

  static Key key(int index) {
    return Key.hash("network test key " + index);
  }

  private void run(List<String> entryPoints) throws IOException {
    path.ifPresent(FaultyPath::open);
    PeerRef self = overlay.listen().join();
    note("PEER " + self.id() + " " + self.endpoint() + " " + self.incarnation());
    List<EntryPoint> points = entryPoints.stream().map(EntryPoint::parse).toList();
    overlay
        .enter(
            points,
            points.isEmpty() ? EntryMode.CREATE : EntryMode.JOIN_ONLY,
            Duration.ofSeconds(40))
        .join();
    note("JOINED");
    ScheduledExecutorService timer = Executors.newScheduledThreadPool(2);
    var sampling = timer.scheduleAtFixedRate(this::sample, 0, SAMPLE_MILLIS, TimeUnit.MILLISECONDS);
    var calling = timer.scheduleWithFixedDelay(this::call, 0, CALL_MILLIS, TimeUnit.MILLISECONDS);
    var casting = timer.scheduleAtFixedRate(this::cast, 0, CAST_MILLIS, TimeUnit.MILLISECONDS);
    BufferedReader told = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    for (String line = told.readLine(); line != null; line = told.readLine()) {
      obey(line);
    }
    calling.cancel(false);
    casting.cancel(false);
    overlay.leave().join();
    sampling.cancel(false);
    note("HOLDS nothing");
    overlay.close().join();
    note("LEFT");
  }

  private void obey(String line) {
    path.ifPresent(
        present -> {
          if (line.startsWith("CUT ")) {
            present.cut(line.substring("CUT ".length()));
          } else {
            present.mend();
          }
        });
  }

  private static long micros() {
    return System.nanoTime() / 1_000;
  }

  /** One write for each line: what a process that is killed has noted is in the file. */
  private void note(String line) {
    try {
      log.write((micros() + " " + line + "\n").getBytes(UTF_8));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** What this peer may serve at this very moment. */
  private void sample() {
    Holding.Tenure tenure = overlay.view().holding().tenure(OwnershipMode.STRICT);
    boolean serves = overlay.now() < tenure.until();
    String holding = serves ? tenure.after() + " " + tenure.epoch() : "nothing";
    // The same again and again: the last line says until when it was seen.
    note("HOLDS " + holding);
  }

  private void call() {
    int index = nextKey++ % KEYS;
    long number = numbers.getAndIncrement();
    byte[] body = ByteBuffer.allocate(12).putLong(number).putInt(index).array();
    note("SENT " + number + " " + index + " " + (micros() + LIFE.toNanos() / 1_000));
    overlay.open(
        Draft.toKey(key(index), "ap", Envelope.RPC, body, LIFE.toNanos() / 1_000),
        outcome -> note("ENDED " + number + " " + index + " " + ending(outcome)));
  }

  private void cast() {
    long number = numbers.getAndIncrement();
    byte[] payload = ByteBuffer.allocate(Long.BYTES).putLong(number).array();
    note("CAST " + number);
    overlay
        .broadcast(RingMachine.TOPIC_APPLICATION, payload, LIFE)
        .whenComplete(
            (report, refused) ->
                note(
                    refused == null
                        ? "REPORT " + number + " " + report.reached()
                        : "REFUSED " + number + " " + refused.getMessage()));
  }

  private static String ending(Outcome outcome) {
    if (outcome instanceof Outcome.Failed failed) {
      return (failed.code().delivery() == Delivery.NOT_DELIVERED ? "NOT_DELIVERED " : "UNKNOWN ")
          + failed.code();
    }
    return "DELIVERED OK";
  }

  @Override
  public void deliver(Inbound inbound) {
    ByteBuffer body = ByteBuffer.wrap(inbound.envelope().body());
    note("DONE " + body.getLong() + " " + body.getInt());
    overlay.complete(
        inbound, new Outcome.Replied(overlay.self().id(), inbound.envelope().body(), 0));
  }

  @Override
  public void onView(RingView view) {
    note("VIEW " + view.size());
  }

  @Override
  public void onEvent(NetworkEvent event) {
    note("EVENT " + event);
  }

  @Override
  public Optional<ErrorCode> onBroadcast(PeerRef origin, int topic, byte[] payload) {
    note("GOT " + ByteBuffer.wrap(payload).getLong());
    return Optional.empty();
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
