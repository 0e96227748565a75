// p2pkit listen: messages of an access point or of a fresh proxy, one line of JSON each.
package dev.p2pkit.peer.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.p2pkit.client.Client;
import dev.p2pkit.client.Proxy;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.peer.json.JsonTree;
import dev.p2pkit.sdk.Destination;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.Source;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints messages as they arrive, until stopped. */
@Command(
    name = "listen",
    description = {
      "Prints the messages that arrive at an access point of the ticket's peer, as JSON lines.",
      "Without an access point it opens a proxy, prints its address first, and prints what is"
          + " sent there."
    })
final class ListenCommand extends ClientCommand {
  @Parameters(
      arity = "0..1",
      paramLabel = "ACCESS-POINT",
      description = "Where to listen; a fresh proxy by default.")
  Optional<String> accessPoint = Optional.empty();

  @Option(
      names = "--count",
      paramLabel = "N",
      description = "Ends after so many messages; by default only when stopped.")
  long count = Long.MAX_VALUE;

  @Override
  void check() {
    if (count < 1) {
      throw usage("--count is at least 1, not " + count);
    }
  }

  @Override
  int call(Client client) {
    Printer printer = new Printer(count);
    if (accessPoint.isPresent()) {
      client.stream(accessPoint.get()).subscribe(printer);
      output().note("listening at " + accessPoint.get() + " of " + client.peerId());
    } else {
      Proxy proxy = await(client.openProxy().ready());
      proxy.messages().subscribe(printer);
      if (json) {
        output().json(Output.object().put("address", proxy.address().toString()));
      } else {
        output().line(proxy.address().toString());
      }
    }
    await(printer.done);
    return Main.DONE;
  }

  static ObjectNode json(Message message) {
    ObjectNode object = Output.object();
    object.put(
        "source",
        message.source() instanceof Source.OfPeer peer ? peer.peer().toString() : "client");
    object.put("destination", destination(message.destination()));
    object.put("accessPoint", message.accessPoint());
    message.replyTo().ifPresent(address -> object.put("replyTo", address.toString()));
    object.set("body", JsonTree.toJson(message.body()));
    return object;
  }

  private static String destination(Destination destination) {
    if (destination instanceof Destination.OfKey key) {
      return "key:" + key.key();
    } else if (destination instanceof Destination.OfPeer peer) {
      return "peer:" + peer.peer();
    } else {
      return "session:" + ((Destination.OfSession) destination).session();
    }
  }

  /** Prints one message at a time, so that a slow terminal slows the senders and loses nothing. */
  private final class Printer implements Flow.Subscriber<Message> {
    final CompletableFuture<Boolean> done = new CompletableFuture<>();
    private long left;
    private Flow.@Nullable Subscription subscription;

    Printer(long count) {
      left = count;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription = given;
      given.request(1);
    }

    @Override
    public void onNext(Message message) {
      output().json(json(message));
      left--;
      Flow.Subscription present = subscription;
      if (present == null) {
        return;
      }
      if (left > 0) {
        present.request(1);
      } else {
        present.cancel();
        done.complete(true);
      }
    }

    @Override
    public void onError(Throwable failure) {
      done.completeExceptionally(KitException.from(failure));
    }

    @Override
    public void onComplete() {
      done.complete(true);
    }
  }
}
