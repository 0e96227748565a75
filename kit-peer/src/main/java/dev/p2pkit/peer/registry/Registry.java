// The registry of one peer as a machine: what the peer around it calls, and where frames go.
package dev.p2pkit.peer.registry;

import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.Machine;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.peer.audit.AuditEntry;
import dev.p2pkit.peer.registry.RegistryMessage.Abort;
import dev.p2pkit.peer.registry.RegistryMessage.Accepted;
import dev.p2pkit.peer.registry.RegistryMessage.Active;
import dev.p2pkit.peer.registry.RegistryMessage.Buckets;
import dev.p2pkit.peer.registry.RegistryMessage.Commit;
import dev.p2pkit.peer.registry.RegistryMessage.Digest;
import dev.p2pkit.peer.registry.RegistryMessage.Health;
import dev.p2pkit.peer.registry.RegistryMessage.Inventory;
import dev.p2pkit.peer.registry.RegistryMessage.Prepare;
import dev.p2pkit.peer.registry.RegistryMessage.Prepared;
import dev.p2pkit.peer.registry.RegistryMessage.Pull;
import dev.p2pkit.peer.registry.RegistryMessage.Records;
import dev.p2pkit.peer.registry.RegistryMessage.Refused;
import dev.p2pkit.peer.registry.RegistryMessage.StatusReply;
import dev.p2pkit.peer.registry.RegistryMessage.StatusRequest;
import dev.p2pkit.peer.registry.RegistryMessage.Want;
import dev.p2pkit.peer.registry.archive.ArchiveTransfer;
import dev.p2pkit.peer.registry.timing.Alarms;
import dev.p2pkit.peer.registry.timing.Completion;
import dev.p2pkit.peer.registry.timing.Result;
import dev.p2pkit.peer.trust.TrustRules;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.ServiceStatus;
import dev.p2pkit.sdk.UpdateReport;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the records, brings them to the same state on all peers, and has what is in force run here.
 * Must be driven by the same thread as its {@link ArchiveTransfer}.
 */
public final class Registry implements Machine {
  private static final Logger LOG = LoggerFactory.getLogger(Registry.class);

  private final Effects effects;
  private final ArchiveTransfer transfer;
  private final RegistryConfig config;
  private final RegistryListener listener;
  private final TrustPolicy trust;
  private final RecordStore store;
  private final Alarms alarms;
  private final Catalogue catalogue;
  private final Admission admission;
  private final Questions questions;
  private final Courier courier;
  private final Deployer deployer;

  private final HealthBook health;
  private final RecordKeeping keeping;
  private final Enactment books;
  private final Reconciler reconciler;
  private final Mentions mentions;
  private final Participant participant;
  private final Rollouts rollouts;
  private final StatusQueries queries;
  private final ControlRecords control;
  private final CatchUp catchUp;
  private volatile ServiceDirectory directory = ServiceDirectory.EMPTY;
  private RingView view;
  private TrustRules rules;
  private boolean settling;
  private Set<String> archivesAtStart = Set.of();

  /**
   * A registry that knows what its store holds. What is stored is activated once this peer is alone
   * in its ring or has compared it with a neighbour, so that no outdated version serves.
   *
   * @param host what the peer knows of itself
   */
  public Registry(
      RegistryConfig config,
      Effects effects,
      ArchiveTransfer transfer,
      Deployment deployment,
      RecordStore store,
      TrustPolicy trust,
      Host host,
      RegistryListener listener) {
    this.effects = effects;
    this.transfer = transfer;
    this.config = config;
    this.listener = listener;
    this.trust = trust;
    this.store = store;
    rules = host.rules();
    alarms = new Alarms(effects);
    catalogue = new Catalogue(record -> distrust(record).isEmpty(), name -> rules.holder(name));
    admission =
        new Admission(
            effects.self().id(),
            config,
            catalogue,
            trust,
            () -> rules,
            host.wallMillis(),
            listener::onAudit);
    questions = new Questions(host.wallMillis(), () -> admission.count("asked"));
    courier = new Courier(effects, alarms, questions, this::dispatch);
    deployer = new Deployer(alarms, transfer, deployment, this::changed, this::failed);
    health = new HealthBook(config, host, courier, catalogue, admission, () -> view, this::review);
    Waves waves =
        new Waves(effects.self().id(), host.labels(), host.wallMillis(), () -> view, health);
    keeping =
        RecordKeeping.join(
            config,
            catalogue,
            admission,
            deployer,
            deployment,
            waves,
            health,
            store,
            listener,
            () -> view,
            this::grantOf,
            transfer::forget,
            this::changed);
    books = keeping.books();
    reconciler =
        new Reconciler(
            config, effects, courier, alarms, catalogue, health, books, this::synchronised);
    mentions =
        new Mentions(config, courier, alarms, catalogue, deployer, reconciler, host.wallMillis());
    participant = new Participant(courier, catalogue, admission, deployer, books);
    rollouts = new Rollouts(config, courier, alarms);
    queries =
        new StatusQueries(courier, alarms, catalogue, deployer, deployment, store, () -> view);
    control =
        new ControlRecords(
            config,
            effects.self(),
            alarms,
            catalogue,
            books,
            queries,
            () -> view,
            listener::broadcast);
    catchUp =
        new CatchUp(
            config, host, store, catalogue, books, reconciler, deployer, listener::onCaughtUp);
    view = RingView.outside(effects.self());
    transfer.serveIf(this::mayServe);
    transfer.onTampered(
        (from, edition) ->
            listener.onAudit(
                AuditEntry.refused(
                    AuditEntry.What.REFUSAL,
                    "",
                    edition.archive(),
                    from.id(),
                    ErrorCode.BAD_ARCHIVE,
                    "a chunk of the archive was not what its record says; asked others")));
  }

  private Optional<String> distrust(ServiceRecord record) {
    return trust.refusal(record, rules);
  }

  /**
   * The network's root has said something else of owners and names: services of owners who are
   * trusted now are run, those of others stop with their durable state kept, and names pass to
   * those whose they are. Peers that know the same records and rules, and have the same list of
   * trusted owners, come to the same, in whatever order they learn them.
   */
  public void govern(long now, TrustRules present) {
    rules = present;
    books.govern(now, this::distrust);
  }

  private void failed(ServiceRecord record, ErrorCode code, String detail) {
    listener.onAudit(
        AuditEntry.refused(AuditEntry.What.FAILURE, record, effects.self().id(), code, detail));
  }

  private boolean mayServe(String archive, Key grant) {
    return rollouts.grants(archive, grant)
        || deployer.slots().granted(archive, grant)
        || keeping.holdings().shares(archive)
        || catalogue.entries().stream()
            .anyMatch(
                entry -> entry.grants().contains(grant) && keeping.holdings().has(entry, archive));
  }

  private void synchronised(long now) {
    catchUp.synchronised(now);
    keeping.shelf().sweep(archivesAtStart);
    archivesAtStart = Set.of();
    deployer.open(now);
    alarms.at(now + config.catchUpTime(), catchUp::end);
    changed(now);
  }

  private Optional<Key> grantOf(ServiceRecord record) {
    return participant.grantOf(record);
  }

  /**
   * Something is known or runs that was not before. What follows is done once for all that changes
   * in this call, so that a thousand records in a frame do not make a thousand directories.
   */
  private void changed(long now) {
    if (!settling) {
      settling = true;
      alarms.at(now, this::settle);
    }
  }

  private void settle(long now) {
    settling = false;
    directory = keeping.holdings().directory();
    listener.onServices(directory);
    participant.report(now);
    mentions.resolve(now);
    catchUp.look(now);
  }

  /** Whether this peer may serve keys: it has its neighbours' records and runs what they say. */
  public boolean caughtUp() {
    return catchUp.isDone();
  }

  /** What is known here. Any thread. */
  public ServiceDirectory directory() {
    return directory;
  }

  /** The record in force at an access point, also one that ends its service. Any thread. */
  public Optional<ServiceRecord> current(String accessPoint, String instance) {
    ServiceDirectory present = directory;
    return Stream.concat(
            present.at(accessPoint).stream().map(ServiceDirectory.Entry::record),
            present.endedAt(accessPoint).stream())
        .filter(record -> record.instance().equals(instance))
        .findFirst();
  }

  /**
   * Installs or upgrades on all peers that are known: prepares everywhere, then puts into force.
   * The outcome comes by the request's deadline.
   *
   * <p>Fails with {@link ErrorCode#BAD_SIGNATURE}, {@link ErrorCode#UNAUTHORISED}, {@link
   * ErrorCode#NOT_UPGRADEABLE}, {@link ErrorCode#BAD_ARCHIVE}, {@link ErrorCode#VERSION_SKEW} or
   * {@link ErrorCode#MIGRATION_FAILED} if a peer said so, and with {@link ErrorCode#BUSY} if the
   * service is being installed by somebody else or the record's epoch is outdated; then nothing has
   * changed anywhere. {@link ErrorCode#NOT_READY} if this peer has not caught up yet.
   */
  public void install(long now, InstallRequest request, Completion<Result<UpdateReport>> done) {
    if (!catchUp.isDone()) {
      done.done(
          now,
          new Result.Failure<>(
              ErrorCode.NOT_READY, "this peer has not finished joining; try again in a moment"));
      return;
    }
    ServiceRecord record = request.record();
    boolean steers = control.isOne(record);
    // Others hear of nothing that is forged or against the rules: they would take it for a misdeed
    // of this peer, and it may be a client's.
    Optional<Admission.Refusal> refusal = admission.refusal(effects.self().id(), record);
    if (refusal.isPresent() && (steers || !Rollout.TOLERATED.contains(refusal.get().code()))) {
      done.done(now, new Result.Failure<>(refusal.get().code(), refusal.get().detail()));
      return;
    }
    if (steers) {
      control.enact(now, request, done);
      return;
    }
    rollouts.begin(
        now,
        request,
        view,
        then -> {
          books.enact(then, effects.self(), record, request.grant());
          listener.broadcast(record.encoded());
        },
        done);
  }

  /** The last records of an instance of the owner who has its name, the one in force last. */
  public List<ServiceRecord> history(String accessPoint, String instance) {
    return catalogue.at(accessPoint).stream()
        .map(Catalogue.Entry::record)
        .filter(record -> record.instance().equals(instance))
        .findFirst()
        .map(record -> books.past(Chain.of(record)))
        .orElse(List.of());
  }

  /** Puts a record in force here and spreads it, without preparing anybody. */
  void publish(long now, ServiceRecord record) {
    if (books.take(now, effects.self(), record) == Admission.Verdict.FRESH) {
      listener.broadcast(record.encoded());
    }
  }

  /**
   * A message for an access point names an epoch that does not run here, or there is no such access
   * point here (then the epoch may be 0). Gets the record from the peer that sent it or from a
   * neighbour, and has it run.
   *
   * @param done the epoch that runs then, which is an older one if the mentioned one was tried and
   *     failed here; or {@link ErrorCode#NO_SUCH_SERVICE}, or the code for which nothing can run
   */
  public void mention(
      long now, String accessPoint, long epoch, PeerRef from, Completion<Result<Long>> done) {
    mentions.mention(now, accessPoint, epoch, from, done);
  }

  /**
   * Asks all peers what they run.
   *
   * @param accessPoint only this service; empty for all
   * @param deadlineAt when the answer is due; peers that have not answered are left out
   */
  public void statuses(
      long now,
      Optional<String> accessPoint,
      long deadlineAt,
      Completion<List<ServiceStatus>> done) {
    queries.ask(now, accessPoint, deadlineAt, done);
  }

  /** A broadcast with topic 2 has arrived; what it returns goes into the sender's report. */
  public Optional<ErrorCode> onBroadcast(long now, PeerRef origin, byte[] payload) {
    try {
      ServiceRecord record = ServiceRecord.decode(payload);
      Admission.Verdict verdict = books.take(now, origin, record);
      return verdict == Admission.Verdict.REFUSED && !record.signatureValid()
          ? Optional.of(ErrorCode.BAD_SIGNATURE)
          : Optional.empty();
    } catch (WireException e) {
      Optional<String> other = ServiceRecord.otherFormat(payload);
      if (other.isPresent()) {
        admission.count("format");
        LOG.warn("{} has broadcast {}", origin, other.get());
        return Optional.of(ErrorCode.VERSION_SKEW);
      }
      admission.count("malformed");
      LOG.warn("{} has broadcast what is no service record: {}", origin, e.getMessage());
      return Optional.of(ErrorCode.PROTOCOL_ERROR);
    }
  }

  @Override
  public void start(long now) {
    archivesAtStart = transfer.held();
    catchUp.load(now);
    changed(now);
    reconciler.start(now);
    alarms.at(now + config.digestInterval(), this::release);
  }

  /** What runs at an access point has changed by itself: it was reverted, stopped, or goes on. */
  public void ranOtherwise(long now, String accessPoint, String instance) {
    keeping.review().at(now, accessPoint, instance);
  }

  private void review(long now) {
    keeping.review().all(now);
  }

  private void release(long now) {
    admission.released().forEach(record -> books.take(now, effects.self(), record));
    review(now);
    books.expire(now);
    keeping.shelf().tidy();
    catchUp.refresh();
    health.tidy();
    alarms.at(now + config.digestInterval(), this::release);
  }

  @Override
  public void onMessage(long now, PeerRef from, WireMessage message) {
    if (message instanceof RegistryMessage known) {
      if (!Questions.isOne(known) || questions.mayAsk(from.id())) {
        dispatch(now, from, known);
      }
    }
  }

  private void dispatch(long now, PeerRef from, RegistryMessage message) {
    if (message instanceof Digest digest) {
      reconciler.onDigest(now, from, digest);
    } else if (message instanceof Buckets buckets) {
      reconciler.onBuckets(now, from, buckets);
    } else if (message instanceof Inventory inventory) {
      reconciler.onInventory(now, from, inventory);
    } else if (message instanceof Want want) {
      reconciler.onWant(now, from, want);
    } else if (message instanceof Pull pull) {
      reconciler.onPull(now, from, pull);
    } else if (message instanceof Records records) {
      reconciler.onRecords(now, from, records);
    } else if (message instanceof Prepare prepare) {
      participant.onPrepare(now, from, prepare);
    } else if (message instanceof Commit commit) {
      participant.onCommit(now, from, commit.rollout());
    } else if (message instanceof Abort abort) {
      participant.onAbort(now, from, abort.rollout());
    } else if (message instanceof Accepted acceptance) {
      rollouts.onAccepted(now, from, acceptance);
    } else if (message instanceof Prepared prepared) {
      rollouts.onPrepared(now, from, prepared);
    } else if (message instanceof Refused refused) {
      rollouts.onRefused(now, from, refused);
    } else if (message instanceof Active active) {
      rollouts.onActive(now, from, active);
    } else if (message instanceof Health reports) {
      reconciler.onHealth(now, from, reports);
    } else if (message instanceof StatusRequest request) {
      courier.send(
          now, from, new StatusReply(request.query(), queries.rows(request.accessPoint())));
    } else if (message instanceof StatusReply reply) {
      queries.onReply(now, from.id(), reply);
    }
  }

  @Override
  public void onLink(long now, PeerId peer, LinkEvent event) {
    reconciler.onLink(now, peer, event);
    if (event == LinkEvent.REFUSED) {
      rollouts.onGone(now, peer);
      queries.onGone(now, peer);
    }
  }

  @Override
  public void onTimer(long now, long token) {
    alarms.fire(now, token);
  }

  @Override
  public void onView(long now, RingView newView) {
    List<PeerId> gone =
        view.members().stream()
            .map(PeerRef::id)
            .filter(peer -> newView.find(peer).isEmpty())
            .toList();
    view = newView;
    mentions.onView(newView);
    gone.forEach(peer -> queries.onGone(now, peer));
    rollouts.onView(now, newView);
    participant.onView(now, newView);
    reconciler.onView(now, newView);
  }

  /** The counters. */
  public RegistryStatistics statistics() {
    return new RegistryStatistics(
        catalogue.size(),
        admission.quarantined(),
        books.accepted(),
        admission.refusals(),
        keeping.shelf().deleted(),
        store.failures());
  }
}
