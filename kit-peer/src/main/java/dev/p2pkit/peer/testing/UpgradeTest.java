// Upgrades a service while it is called, and accounts for every call.
package dev.p2pkit.peer.testing;

import dev.p2pkit.peer.Peer;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.ServiceHandle;
import dev.p2pkit.sdk.ServiceStatus;
import dev.p2pkit.sdk.ServiceStatus.Phase;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.LongUnaryOperator;
import java.util.stream.Collectors;

/**
 * An upgrade with calls in flight: installs the old archive, calls every peer, upgrades meanwhile,
 * and then compares what each peer has counted with what it has acknowledged.
 *
 * <pre>{@code
 * network.upgrade(version1, version2)
 *     .call(number -> Map.of("by", 1))
 *     .counted(peer -> peer.rpc(Map.of("type", "Read"), Map.class).thenApply(total -> ...))
 *     .run();
 * }</pre>
 *
 * <p>{@link #run} throws an {@link AssertionError} if a call was lost or counted twice, if one
 * failed with a code that was not {@linkplain #mayFail allowed}, or if some peer does not end on
 * the version it should. For one thread; {@link #run} may be called once in a network for each
 * name.
 */
public final class UpgradeTest {
  /** The most calls that may be open at a time. */
  public static final int MOST_OPEN = 4_096;

  private static final Duration CALLS_END = Duration.ofSeconds(30);

  /** How the upgrade is to end. */
  public enum Ending {
    /** Every peer runs the new version. */
    UPGRADED,
    /** The upgrade is refused, and every peer runs the old version, as before. */
    REFUSED,
    /** Every peer had the new version and went back to the old one, because the new one crashed. */
    REVERTED
  }

  private final TestNetwork network;
  private final Archive old;
  private final Archive next;
  private final Set<ErrorCode> allowed = EnumSet.noneOf(ErrorCode.class);
  private String service = "upgraded";
  private Optional<LongFunction<Object>> message = Optional.empty();
  private LongUnaryOperator weight = number -> 1;
  private Optional<Function<ServiceHandle.Target, CompletableFuture<Long>>> counter =
      Optional.empty();
  private Optional<Function<Payload, String>> version = Optional.empty();
  private int open = 64;
  private int around = 100;
  private Ending ending = Ending.UPGRADED;

  UpgradeTest(TestNetwork network, Archive old, Archive next) {
    this.network = network;
    this.old = old;
    this.next = next;
  }

  /** The name to install the service under; {@code upgraded} by default. */
  public UpgradeTest service(String name) {
    service = name;
    return this;
  }

  /**
   * The messages of the load, which change the count: called with 1, 2, 3 and so on, on the thread
   * of the load. Both versions have to understand them and to reply.
   */
  public UpgradeTest call(LongFunction<Object> made) {
    message = Optional.of(made);
    return this;
  }

  /**
   * By how much the call of a number changes the count; 1 by default. Different weights also find a
   * lost call that another one, counted twice, makes up for.
   */
  public UpgradeTest weight(LongUnaryOperator ofNumber) {
    weight = ofNumber;
    return this;
  }

  /** How to ask a peer for its count; called once for each peer in the end. */
  public UpgradeTest counted(Function<ServiceHandle.Target, CompletableFuture<Long>> question) {
    counter = Optional.of(question);
    return this;
  }

  /**
   * How a reply to the load tells the version that has answered, for {@link UpgradeResult#answers}.
   * With it, both versions must have answered where the upgrade is to end as {@link
   * Ending#UPGRADED}. Called on threads of the peer.
   *
   * @param reply as what the reply is read
   */
  public <T> UpgradeTest answeredBy(Class<T> reply, Function<T, String> ofReply) {
    version = Optional.of(payload -> ofReply.apply(payload.as(reply)));
    return this;
  }

  /** How many calls are open at a time, 1 to {@value #MOST_OPEN}; 64 by default. */
  public UpgradeTest open(int calls) {
    if (calls < 1 || calls > MOST_OPEN) {
      throw new IllegalArgumentException(
          "1 to " + MOST_OPEN + " calls may be open at a time, not " + calls);
    }
    open = calls;
    return this;
  }

  /**
   * How many calls each peer acknowledges at least before the upgrade begins, and again after it
   * has ended; 1 to 1,000,000, 100 by default.
   */
  public UpgradeTest around(int calls) {
    if (calls < 1 || calls > 1_000_000) {
      throw new IllegalArgumentException("1 to 1,000,000 calls, not " + calls);
    }
    around = calls;
    return this;
  }

  /** Codes with which calls may fail; none by default. */
  public UpgradeTest mayFail(ErrorCode... codes) {
    allowed.addAll(List.of(codes));
    return this;
  }

  /** How the upgrade is to end; {@link Ending#UPGRADED} by default. */
  public UpgradeTest ends(Ending expected) {
    ending = expected;
    return this;
  }

  /**
   * Runs it; the service stays installed.
   *
   * @throws AssertionError if something is not as it should be; it says what, and what the peers
   *     say
   * @throws KitException if the old archive cannot be installed, or the upgrade fails and should
   *     not
   */
  public UpgradeResult run() {
    LongFunction<Object> messages =
        message.orElseThrow(() -> new IllegalStateException("say with call(...) what is sent"));
    Function<ServiceHandle.Target, CompletableFuture<Long>> question =
        counter.orElseThrow(
            () -> new IllegalStateException("say with counted(...) how to ask for the count"));
    List<PeerId> peers = network.peers().stream().map(Peer::peerId).toList();
    ServiceHandle handle = network.install(old, service);
    String before = awaitAll(handle, peers, Phase.ACTIVE, old);
    CallAccount account = new CallAccount();
    CallLoad load = new CallLoad(peers, open, caller(handle, messages, account));
    Optional<KitException> refusal;
    String after;
    boolean ended;
    load.start();
    try {
      awaitCalls(load, account, peers, around);
      refusal = update(handle);
      after =
          switch (ending) {
            case UPGRADED -> awaitAll(handle, peers, Phase.ACTIVE, next);
            case REFUSED -> awaitAll(handle, peers, Phase.ACTIVE, old);
            case REVERTED -> awaitAll(handle, peers, Phase.REVERTED, old);
          };
      awaitCalls(load, account, peers, account.fewest(peers) + around);
    } finally {
      ended = load.stop(CALLS_END);
    }
    if (!ended) {
      throw network.failure("calls are still open " + CALLS_END.toSeconds() + " s after the last");
    }
    return judge(handle, peers, account, question, refusal, before, after);
  }

  private CallLoad.Caller caller(
      ServiceHandle handle, LongFunction<Object> messages, CallAccount account) {
    return (peer, number) -> {
      long worth = weight.applyAsLong(number);
      return handle
          .peer(peer)
          .rpc(messages.apply(number), Payload.class)
          .handle(
              (reply, failed) -> {
                if (failed == null) {
                  account.acknowledged(peer, worth, version.map(of -> of.apply(reply)).orElse(""));
                } else {
                  account.failed(peer, worth, KitException.from(failed).code());
                }
                return failed == null;
              });
    };
  }

  private void awaitCalls(CallLoad load, CallAccount account, List<PeerId> peers, long calls) {
    network.await(
        "every peer has acknowledged " + calls + " calls; failed so far: " + account.failures(),
        () -> {
          load.broken()
              .ifPresent(
                  thrown -> {
                    throw new AssertionError("the load of the test has failed: " + thrown, thrown);
                  });
          return account.fewest(peers) >= calls;
        });
  }

  private Optional<KitException> update(ServiceHandle handle) {
    try {
      var unused = network.get(handle.update(next, network.options(service)));
    } catch (KitException e) {
      if (ending == Ending.REFUSED) {
        return Optional.of(e);
      }
      throw e;
    }
    if (ending == Ending.REFUSED) {
      throw network.failure("the upgrade was to be refused, and was not");
    }
    return Optional.empty();
  }

  /** Waits until all peers have come so far with an archive; its version. */
  private String awaitAll(ServiceHandle handle, List<PeerId> peers, Phase phase, Archive archive) {
    String[] found = {""};
    network.await(
        "every peer is " + phase + " with " + archive,
        () -> {
          List<ServiceStatus.OnPeer> there =
              network.get(handle.status()).peers().stream()
                  .filter(on -> peers.contains(on.peer()))
                  .filter(on -> on.phase() == phase && on.archive().equals(archive.hash()))
                  .toList();
          found[0] = there.isEmpty() ? "" : there.get(0).version();
          return there.size() == peers.size();
        });
    return found[0];
  }

  private UpgradeResult judge(
      ServiceHandle handle,
      List<PeerId> peers,
      CallAccount account,
      Function<ServiceHandle.Target, CompletableFuture<Long>> question,
      Optional<KitException> refusal,
      String before,
      String after) {
    long lost = 0;
    long doubled = 0;
    Map<PeerId, String> versions = new TreeMap<>();
    for (PeerId peer : peers) {
      CallAccount.Verdict verdict =
          account.judge(peer, network.get(question.apply(handle.peer(peer))));
      lost += verdict.lost();
      doubled += verdict.doubled();
      versions.put(peer, after);
    }
    UpgradeResult result =
        new UpgradeResult(
            account.acknowledged(),
            lost,
            doubled,
            account.failures(),
            account.answers(),
            versions,
            refusal);
    Set<ErrorCode> unexpected =
        result.failures().keySet().stream()
            .filter(code -> !allowed.contains(code))
            .collect(Collectors.toSet());
    boolean silent =
        version.isPresent()
            && ending == Ending.UPGRADED
            && !result.answers().keySet().containsAll(Set.of(before, after));
    if (!result.countedOnce() || !unexpected.isEmpty() || silent) {
      throw network.failure(
          (result.countedOnce() ? "" : "not every acknowledged call was counted once; ")
              + (unexpected.isEmpty() ? "" : "calls failed with " + unexpected + "; ")
              + (silent ? "not both of " + before + " and " + after + " have answered; " : "")
              + result);
    }
    return result;
  }
}
