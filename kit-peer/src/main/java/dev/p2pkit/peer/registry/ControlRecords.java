// Puts records in force that load nothing: an end, the next wave, a revocation.
package dev.p2pkit.peer.registry;

import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.peer.registry.timing.Alarms;
import dev.p2pkit.peer.registry.timing.Completion;
import dev.p2pkit.peer.registry.timing.Result;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.ServiceStatus;
import dev.p2pkit.sdk.UpdateReport;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Control of services that are installed. Nobody has to prepare for it, so that it is in force here
 * at once and spreads from here; the report says what the others had of it a moment later.
 */
final class ControlRecords {
  private final RegistryConfig config;
  private final PeerRef self;
  private final Alarms alarms;
  private final Catalogue catalogue;
  private final Enactment books;
  private final StatusQueries queries;
  private final Supplier<RingView> view;
  private final Consumer<byte[]> broadcast;

  ControlRecords(
      RegistryConfig config,
      PeerRef self,
      Alarms alarms,
      Catalogue catalogue,
      Enactment books,
      StatusQueries queries,
      Supplier<RingView> view,
      Consumer<byte[]> broadcast) {
    this.config = config;
    this.self = self;
    this.alarms = alarms;
    this.catalogue = catalogue;
    this.books = books;
    this.queries = queries;
    this.view = view;
    this.broadcast = broadcast;
  }

  /**
   * Whether a record loads nothing: it ends a service, goes on with the waves of one, or revokes.
   */
  boolean isOne(ServiceRecord record) {
    return record.withdrawn()
        || catalogue
            .get(Chain.of(record))
            .map(Catalogue.Entry::record)
            .filter(present -> present.archive().equals(record.archive()) && !present.withdrawn())
            .filter(
                present ->
                    record.plan().schedule().staged() || record.generation() > present.generation())
            .isPresent();
  }

  /** Puts it in force. */
  void enact(long now, InstallRequest request, Completion<Result<UpdateReport>> done) {
    ServiceRecord record = request.record();
    books.enact(now, self, record, Key.ZERO);
    broadcast.accept(record.encoded());
    // The others need a moment; whoever needs longer stands in the report as it is now.
    long asked = Math.min(request.deadlineAt(), now + config.answerTime() / 3);
    alarms.at(
        asked,
        then ->
            queries.ask(
                then,
                Optional.of(catalogue.accessPoint(record)),
                Math.max(then, Math.min(request.deadlineAt(), then + config.answerTime())),
                (last, statuses) -> done.done(last, new Result.Value<>(report(record, statuses)))));
  }

  private UpdateReport report(ServiceRecord record, List<ServiceStatus> statuses) {
    List<ServiceStatus.OnPeer> peers =
        statuses.stream()
            .filter(status -> status.instance().equals(record.instance()))
            .flatMap(status -> status.peers().stream())
            .toList();
    List<PeerId> missing =
        record.withdrawn()
            ? List.of()
            : view.get().members().stream()
                .map(PeerRef::id)
                .filter(peer -> peers.stream().noneMatch(on -> on.peer().equals(peer)))
                .toList();
    return new UpdateReport(record.name(), record.epoch(), peers, missing);
  }
}
