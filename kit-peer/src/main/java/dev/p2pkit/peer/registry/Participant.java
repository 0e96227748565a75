// A peer's part in the rollouts of others and its own: prepares, switches, reports.
package dev.p2pkit.peer.registry;

import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.peer.registry.RegistryMessage.Accepted;
import dev.p2pkit.peer.registry.RegistryMessage.Active;
import dev.p2pkit.peer.registry.RegistryMessage.Prepare;
import dev.p2pkit.peer.registry.RegistryMessage.Prepared;
import dev.p2pkit.peer.registry.RegistryMessage.Refused;
import dev.p2pkit.peer.registry.timing.Result;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Answers prepare, commit and abort. */
final class Participant {
  private static final int MAX_PENDING = 256;
  private static final int MAX_REPORTS = 256;
  private static final long MAX_LIFE = TimeUnit.MINUTES.toMicros(10);

  private final Courier courier;
  private final Catalogue catalogue;
  private final Admission admission;
  private final Deployer deployer;
  private final Books books;
  private final Map<Ticket, Pending> pending = new LinkedHashMap<>();
  private final Map<Ticket, Active> reports =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Ticket, Active> eldest) {
          return size() > MAX_REPORTS;
        }
      };

  Participant(
      Courier courier, Catalogue catalogue, Admission admission, Deployer deployer, Books books) {
    this.courier = courier;
    this.catalogue = catalogue;
    this.admission = admission;
    this.deployer = deployer;
    this.books = books;
  }

  private record Ticket(PeerId installer, long rollout) {}

  private static final class Pending {
    final PeerRef installer;
    final ServiceRecord record;
    final Key grant;
    final long endsAt;
    RegistryMessage reply;
    boolean committed;

    Pending(PeerRef installer, Prepare prepare, long endsAt) {
      this.installer = installer;
      this.record = prepare.record();
      this.grant = prepare.grant();
      this.endsAt = endsAt;
      this.reply = new Accepted(prepare.rollout());
    }
  }

  void onPrepare(long now, PeerRef from, Prepare prepare) {
    Ticket ticket = new Ticket(from.id(), prepare.rollout());
    Pending known = pending.get(ticket);
    if (known != null) {
      courier.send(now, from, known.reply);
      return;
    }
    pending.values().removeIf(each -> each.endsAt <= now);
    Optional<Admission.Refusal> refusal = admission.refusal(from.id(), prepare.record());
    if (refusal.isEmpty() && pending.size() >= MAX_PENDING) {
      refusal =
          Optional.of(new Admission.Refusal(ErrorCode.BUSY, "too many installs are under way"));
    }
    if (refusal.isPresent()) {
      courier.send(
          now, from, new Refused(prepare.rollout(), refusal.get().code(), refusal.get().detail()));
      return;
    }
    long endsAt = now + Math.max(1, Math.min(prepare.life(), MAX_LIFE));
    Pending fresh = new Pending(from, prepare, endsAt);
    pending.put(ticket, fresh);
    deployer.prepare(
        now,
        fresh.record,
        catalogue.accessPoint(fresh.record),
        fresh.grant,
        prepare.holders(),
        endsAt,
        (then, outcome) -> prepared(then, ticket, fresh, outcome));
    // A service that is taken was refused just now: the installer must not hear first that it is
    // not.
    if (fresh.reply instanceof Accepted) {
      courier.send(now, from, fresh.reply);
    }
  }

  private void prepared(long now, Ticket ticket, Pending each, Result<Long> outcome) {
    if (outcome instanceof Result.Failure<Long> failure) {
      each.reply = new Refused(ticket.rollout(), failure.code(), failure.detail());
      admission.refusedInstall(each.installer.id(), each.record, failure.code(), failure.detail());
      if (!each.committed) {
        pending.remove(ticket, each);
      }
    } else {
      each.reply = new Prepared(ticket.rollout());
    }
    courier.send(now, each.installer, each.reply);
  }

  void onCommit(long now, PeerRef from, long rollout) {
    Ticket ticket = new Ticket(from.id(), rollout);
    Pending each = pending.get(ticket);
    Active report = reports.get(ticket);
    if (report != null) {
      courier.send(now, from, report);
    } else if (each != null) {
      each.committed = true;
      books.enact(now, from, each.record, each.grant);
    }
  }

  void onAbort(long now, PeerRef from, long rollout) {
    Pending each = pending.remove(new Ticket(from.id(), rollout));
    if (each != null && !each.committed) {
      deployer.abandon(now, each.record);
    }
  }

  /** An installer that is gone will not decide any more. */
  void onView(long now, RingView view) {
    for (Map.Entry<Ticket, Pending> entry : List.copyOf(pending.entrySet())) {
      Pending each = entry.getValue();
      boolean gone = view.joined() && view.find(entry.getKey().installer()).isEmpty();
      if (gone && !each.committed && !courier.isSelf(entry.getKey().installer())) {
        pending.remove(entry.getKey());
        deployer.abandon(now, each.record);
      }
    }
  }

  /** The grant with which a record was prepared here. */
  Optional<Key> grantOf(ServiceRecord record) {
    return pending.values().stream()
        .filter(each -> each.record.equals(record))
        .map(each -> each.grant)
        .findFirst();
  }

  /** Something runs or failed: tells those who wait for it. */
  void report(long now) {
    for (Map.Entry<Ticket, Pending> entry : List.copyOf(pending.entrySet())) {
      Pending each = entry.getValue();
      Chain chain = Chain.of(each.record);
      boolean inForce =
          each.committed
              || catalogue
                  .get(chain)
                  .map(Catalogue.Entry::record)
                  .filter(each.record::equals)
                  .isPresent();
      Optional<Slot> slot = deployer.slots().of(chain);
      if (inForce && slot.isPresent() && (slot.get().settled() || !slot.get().detail.isEmpty())) {
        Active active = active(entry.getKey().rollout(), each.record, slot.get());
        pending.remove(entry.getKey());
        reports.put(entry.getKey(), active);
        courier.send(now, each.installer, active);
      }
    }
  }

  private static Active active(long rollout, ServiceRecord record, Slot slot) {
    Assignment running = slot.running;
    return new Active(
        rollout,
        slot.phase(),
        slot.activeEpoch(),
        running == null ? "" : running.edition().version(),
        running == null ? "" : running.archive(),
        slot.millis,
        record.equals(slot.inForce) ? slot.explanation() : "another version came into force");
  }
}
