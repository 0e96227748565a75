// Decides what this peer runs of a record in force, and orders it.
package dev.p2pkit.peer.registry;

import dev.p2pkit.client.record.Edition;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.peer.audit.AuditEntry;
import dev.p2pkit.sdk.Key;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The edition of the record where this peer's wave is open, what ran before where it is not, or
 * after a revert; and how far the peer has come with each chain.
 */
final class Placement {
  private static final String WHILE_AWAY = "its wave has opened while this peer was away";

  private final Catalogue catalogue;
  private final Chronicle chronicle;
  private final Deployer deployer;
  private final Waves waves;
  private final ArchiveShelf shelf;
  private final RegistryListener listener;
  private final Supplier<RingView> view;
  private final Map<Chain, Standing> standings = new HashMap<>();

  /** Whose wave was closed before the start; until this peer knows what happened since. */
  private final Set<Chain> resumed = new HashSet<>();

  /** Knows of no roll-out yet. */
  Placement(
      Catalogue catalogue,
      Chronicle chronicle,
      Deployer deployer,
      Waves waves,
      ArchiveShelf shelf,
      RegistryListener listener,
      Supplier<RingView> view) {
    this.catalogue = catalogue;
    this.chronicle = chronicle;
    this.deployer = deployer;
    this.waves = waves;
    this.shelf = shelf;
    this.listener = listener;
    this.view = view;
  }

  /** How far this peer has come with a chain. */
  Standing standing(Chain chain) {
    return standings.getOrDefault(chain, Standing.NEW);
  }

  /** It has come to another point. */
  void stands(Chain chain, Standing standing) {
    standings.put(chain, standing);
  }

  /** A chain has ended. */
  void forget(Chain chain) {
    standings.remove(chain);
    waves.forget(chain);
  }

  /** Why this peer does not run the edition of a record yet; empty if its wave is or was open. */
  Optional<String> closed(ServiceRecord record) {
    return standing(Chain.of(record)).isOpen(record.archive())
        ? Optional.empty()
        : waves.closed(record);
  }

  /**
   * As {@link #deploy}, of a record that was stored before the start; whether its wave was closed
   * then, and is open by now.
   */
  boolean resume(long now, Catalogue.Entry entry) {
    ServiceRecord record = entry.record();
    Chain chain = Chain.of(record);
    boolean waited =
        entry.runsHere()
            && record.plan().schedule().staged()
            && !standing(chain).isOpen(record.archive());
    deploy(now, entry, view.get().self());
    boolean opened = waited && standing(chain).isOpen(record.archive());
    if (opened) {
      opened(record, view.get().self(), WHILE_AWAY);
    } else if (waited) {
      resumed.add(chain);
    }
    return opened;
  }

  /** This peer knows what happened while it was away: a wave that opens from now on opens now. */
  void present() {
    resumed.clear();
  }

  /** Has the deployer do what follows from a record in force. */
  void deploy(long now, Catalogue.Entry entry, PeerRef from) {
    ServiceRecord record = entry.record();
    Chain chain = Chain.of(record);
    if (!entry.runsHere()) {
      if (record.withdrawn()) {
        deployer.end(now, record);
        standings.remove(chain);
        shelf.tidy();
      } else {
        deployer.drop(now, chain, false);
      }
      return;
    }
    List<PeerRef> holders = new ArrayList<>(List.of(from));
    view.get().successors().stream().limit(2).forEach(holders::add);
    view.get().predecessors().stream().limit(1).forEach(holders::add);
    Key grant = entry.grants().isEmpty() ? Key.ZERO : entry.grants().get(entry.grants().size() - 1);
    String archive = record.archive();
    Standing standing = standing(chain);
    Optional<String> closed = closed(record);
    Optional<Standing.Setback> setback = standing.setbackOf(archive);
    Optional<Edition> before = setback.flatMap(it -> chronicle.edition(chain, it.back()));
    Optional<Edition> here;
    if (closed.isPresent()) {
      here = record.plan().base();
    } else {
      if (waited(chain, archive)) {
        opened(record, from, resumed.contains(chain) ? WHILE_AWAY : "its wave is open");
      }
      standings.put(chain, standing.opened(archive));
      here = Optional.of(before.orElse(record.edition()));
    }
    deployer.want(
        now,
        new Deployer.Order(
            record,
            here,
            closed.orElse(""),
            before.isPresent() && closed.isEmpty() ? setback.orElseThrow().why() : "",
            catalogue.accessPoint(record),
            grant,
            holders));
  }

  private void opened(ServiceRecord record, PeerRef from, String how) {
    AuditEntry.What what =
        record.plan().base().isPresent() ? AuditEntry.What.UPGRADE : AuditEntry.What.INSTALL;
    listener.onAudit(AuditEntry.done(what, record, from.id(), how));
  }

  /** Whether this peer's wave for an archive was closed until now. */
  private boolean waited(Chain chain, String archive) {
    return deployer
        .slots()
        .of(chain)
        .filter(slot -> !slot.waits.isEmpty())
        .flatMap(slot -> Optional.ofNullable(slot.inForce))
        .filter(present -> present.archive().equals(archive))
        .isPresent();
  }
}
