// The registry as a client sees it, through its proxy peer.
package dev.p2pkit.client;

import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.client.service.InstallBackend;
import dev.p2pkit.client.session.SessionMessage.Install;
import dev.p2pkit.client.session.SessionMessage.Query;
import dev.p2pkit.client.session.SessionMessage.Question;
import dev.p2pkit.client.session.SessionResult;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.SendOptions;
import dev.p2pkit.sdk.ServiceStatus;
import dev.p2pkit.sdk.UpdateReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

final class ProxyRegistry implements InstallBackend {
  private final Lifeline lifeline;

  ProxyRegistry(Lifeline lifeline) {
    this.lifeline = lifeline;
  }

  @Override
  public CompletableFuture<Optional<ServiceRecord>> current(String name, String instance) {
    return lifeline
        .request(
            SendOptions.DEFAULT.deadline(),
            false,
            (id, remaining) -> new Query(id, remaining, Question.RECORD, Key.ZERO, name, instance))
        .thenApply(
            parts ->
                Client.only(SessionResult.Registered.class, parts)
                    .record()
                    .map(body -> verified(body.content(), name, instance)));
  }

  @Override
  public CompletableFuture<List<ServiceRecord>> history(String name, String instance) {
    return lifeline
        .request(
            SendOptions.DEFAULT.deadline(),
            false,
            (id, remaining) -> new Query(id, remaining, Question.HISTORY, Key.ZERO, name, instance))
        .thenApply(
            parts -> {
              List<ServiceRecord> all = new ArrayList<>();
              for (SessionResult part : parts) {
                Client.expect(SessionResult.Past.class, part)
                    .records()
                    .forEach(body -> all.add(verified(body.content(), name, instance)));
              }
              return List.copyOf(all);
            });
  }

  @Override
  public CompletableFuture<List<ServiceStatus>> services() {
    return lifeline
        .request(
            SendOptions.DEFAULT.deadline(),
            false,
            (id, remaining) -> new Query(id, remaining, Question.SERVICES, Key.ZERO, "", ""))
        .thenApply(
            parts -> {
              List<ServiceStatus> all = new ArrayList<>();
              for (SessionResult part : parts) {
                all.addAll(Client.expect(SessionResult.Services.class, part).services());
              }
              return List.copyOf(all);
            });
  }

  @Override
  public CompletableFuture<UpdateReport> submit(ServiceRecord record, Duration deadline) {
    return lifeline
        .request(
            deadline,
            true,
            (id, remaining) -> new Install(id, remaining, record.encoded(), record.archive(), 0))
        .thenApply(parts -> Client.only(SessionResult.Updated.class, parts).report());
  }

  private static ServiceRecord verified(byte[] encoded, String name, String instance) {
    try {
      ServiceRecord record = ServiceRecord.decode(encoded);
      if (record.name().equals(name)
          && record.instance().equals(instance)
          && record.signatureValid()) {
        return record;
      }
    } catch (WireException e) {
      throw ServiceRecord.otherFormat(encoded)
          .map(what -> new KitException(ErrorCode.VERSION_SKEW, "the proxy peer sent " + what, e))
          .orElseGet(
              () -> new KitException(ErrorCode.PROTOCOL_ERROR, "the proxy peer sent no record", e));
    }
    throw new KitException(
        ErrorCode.BAD_SIGNATURE,
        "the proxy peer sent a record that its owner has not signed; use the ticket of another"
            + " peer");
  }

  @Override
  public CompletableFuture<UpdateReport> submit(
      ServiceRecord record, Archive archive, Duration deadline) {
    return lifeline
        .install(deadline, record.encoded(), archive)
        .thenApply(parts -> Client.only(SessionResult.Updated.class, parts).report());
  }
}
