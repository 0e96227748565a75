// A session as the client sees it: decides everything, knows no socket, thread or clock.
package dev.p2pkit.client.session;

import dev.p2pkit.client.session.SessionMessage.Chunk;
import dev.p2pkit.client.session.SessionMessage.Credit;
import dev.p2pkit.client.session.SessionMessage.Deliver;
import dev.p2pkit.client.session.SessionMessage.Done;
import dev.p2pkit.client.session.SessionMessage.Ended;
import dev.p2pkit.client.session.SessionMessage.Event;
import dev.p2pkit.client.session.SessionMessage.Failed;
import dev.p2pkit.client.session.SessionMessage.Feed;
import dev.p2pkit.client.session.SessionMessage.Install;
import dev.p2pkit.client.session.SessionMessage.Progress;
import dev.p2pkit.client.session.SessionMessage.Subscribe;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.NetworkEvent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.LongFunction;

/**
 * The client's end of one session: open requests, subscriptions with their credits, uploads. Its
 * driver calls it from one thread at a time and gives it the time in microseconds; consumers are
 * called from inside of these calls and must only hand over.
 */
public final class ClientSession {

  /** Where messages for the peer go. */
  public interface Link {
    /** Queues a message; false if there is no room, and then nothing was queued. */
    boolean send(SessionMessage message);
  }

  /** Where the deliveries of a subscription go. */
  public interface Sink {
    /** The peer has begun to deliver. */
    void opened();

    /** A message; for streams and proxies. */
    default void message(Message message) {}

    /** An event; for the feed of events. */
    default void event(NetworkEvent event) {}

    /** The subscription is over; empty if it was ended in an orderly way. */
    void ended(Optional<Outcome.Failed> failure);
  }

  private record Subscription(Inflow inflow, Sink sink) {}

  private static final SessionCodec CODEC = new SessionCodec();

  private final Link link;
  private final int window;
  private final Consumer<NetworkEvent> ownEvents;
  private final RequestTable requests;
  private final Map<Long, Subscription> subscriptions = new LinkedHashMap<>();
  private final Map<Long, Upload> uploads = new LinkedHashMap<>();
  private final Map<Long, Credit> heldCredits = new LinkedHashMap<>();
  private final List<SessionMessage> held = new ArrayList<>();
  private long lastSubscription;
  private long strays;
  private boolean closed;

  /**
   * A session that the peer has opened.
   *
   * @param window how many messages of each subscription may be on the way or unread
   * @param mostOpen how many requests may be open at once
   * @param ownEvents what concerns this session alone
   */
  public ClientSession(Link link, int window, int mostOpen, Consumer<NetworkEvent> ownEvents) {
    this.link = link;
    this.window = window;
    this.requests = new RequestTable(mostOpen);
    this.ownEvents = ownEvents;
  }

  /**
   * Makes a request.
   *
   * @param deadlineAt when it ends at the latest
   * @param changes whether it may change something, so that a lost answer is {@link
   *     ErrorCode#DELIVERY_UNKNOWN}
   * @param message makes the message from the request's id
   * @param whenDone called once
   */
  public void request(
      long deadlineAt,
      boolean changes,
      LongFunction<SessionMessage> message,
      Consumer<Outcome> whenDone) {
    start(deadlineAt, changes, message, whenDone);
  }

  private OptionalLong start(
      long deadlineAt,
      boolean changes,
      LongFunction<SessionMessage> message,
      Consumer<Outcome> whenDone) {
    if (closed) {
      whenDone.accept(new Outcome.Failed(ErrorCode.CLOSED, "the session is closed"));
      return OptionalLong.empty();
    }
    Optional<Long> id =
        requests.open(
            deadlineAt, changes ? RequestTable.Effect.CHANGES : RequestTable.Effect.ASKS, whenDone);
    if (id.isEmpty()) {
      whenDone.accept(
          new Outcome.Failed(
              ErrorCode.BUSY,
              "there are " + requests.size() + " open calls; wait for some of them to end"));
      return OptionalLong.empty();
    }
    if (!link.send(message.apply(id.get()))) {
      requests.fail(
          id.get(), ErrorCode.BUSY, "the link to the proxy peer is full; try again a little later");
      return OptionalLong.empty();
    }
    return OptionalLong.of(id.get());
  }

  /** Installs a service: announces record and archive, and uploads as the peer takes it. */
  public void install(
      long deadlineAt,
      long remainingMicros,
      byte[] signedRecord,
      Archive archive,
      Consumer<Outcome> whenDone) {
    OptionalLong id =
        start(
            deadlineAt,
            true,
            request ->
                new Install(
                    request, remainingMicros, signedRecord, archive.hash(), archive.length()),
            whenDone);
    if (id.isPresent()) {
      uploads.put(id.getAsLong(), new Upload(id.getAsLong(), archive.content()));
    }
  }

  /**
   * Begins a subscription. If the peer refuses it, the sink's end is called.
   *
   * @return its number, for {@link #consumed} and {@link #unsubscribe}
   */
  public long subscribe(long deadlineAt, Feed feed, String accessPoint, Sink sink) {
    long subscription = ++lastSubscription;
    Inflow inflow = new Inflow(subscription, feed, window);
    subscriptions.put(subscription, new Subscription(inflow, sink));
    request(
        deadlineAt,
        false,
        id -> new Subscribe(id, subscription, feed, accessPoint, inflow.window()),
        outcome -> {
          if (outcome instanceof Outcome.Failed failed) {
            if (subscriptions.remove(subscription) != null) {
              sink.ended(Optional.of(failed));
            }
          } else {
            sink.opened();
          }
        });
    return subscription;
  }

  /** Ends a subscription; its sink hears nothing any more. */
  public void unsubscribe(long subscription) {
    heldCredits.remove(subscription);
    if (subscriptions.remove(subscription) != null && !closed) {
      sendOrHold(new Ended(subscription, Optional.empty(), ""));
    }
  }

  /** The program has taken so many messages of a subscription. */
  public void consumed(long subscription, long count) {
    Subscription known = subscriptions.get(subscription);
    if (known != null) {
      known.inflow.consumed(count);
      grant(subscription, known.inflow);
    }
  }

  /**
   * A message from the peer.
   *
   * @return a complaint if the peer broke the protocol: the link is to be closed with it
   */
  public Optional<String> onMessage(SessionMessage message) {
    if (message instanceof Done done) {
      if (done.last()) {
        uploads.remove(done.id());
      }
      if (!requests.answer(done.id(), done.last(), done.result(), partBytes(done))) {
        return Optional.of("a peer answers one request without end");
      }
    } else if (message instanceof Failed failed) {
      uploads.remove(failed.id());
      requests.fail(failed.id(), failed.code(), failed.detail());
    } else if (message instanceof Deliver deliver) {
      return delivery(deliver.subscription(), deliver.number(), s -> s.message(deliver.message()));
    } else if (message instanceof Event event && event.subscription() == 0) {
      ownEvents.accept(event.event());
    } else if (message instanceof Event event) {
      return delivery(event.subscription(), event.number(), sink -> sink.event(event.event()));
    } else if (message instanceof Ended ended) {
      Subscription known = subscriptions.remove(ended.subscription());
      if (known != null) {
        known.sink.ended(ended.code().map(code -> new Outcome.Failed(code, ended.detail())));
      }
    } else if (message instanceof Progress progress) {
      return progress(progress);
    } else {
      return Optional.of("a peer does not send " + message.getClass().getSimpleName());
    }
    return Optional.empty();
  }

  /** How long a part is; what comes in one piece was bounded by its frame. */
  private static int partBytes(Done done) {
    if (done.last()) {
      return 0;
    }
    WireWriter out = new WireWriter(256);
    CODEC.encode(done, out);
    return out.size();
  }

  private Optional<String> delivery(long subscription, long number, Consumer<Sink> hand) {
    Subscription known = subscriptions.get(subscription);
    if (known == null) {
      // Was on its way when the subscription was ended here.
      strays++;
      return Optional.empty();
    }
    if (!known.inflow.arrived(number)) {
      return Optional.of("a delivery came out of order or without credit");
    }
    hand.accept(known.sink);
    grant(subscription, known.inflow);
    return Optional.empty();
  }

  private Optional<String> progress(Progress progress) {
    Upload upload = uploads.get(progress.id());
    if (upload == null) {
      strays++;
      return Optional.empty();
    }
    if (!upload.progress(progress.received())) {
      return Optional.of("the peer claims to have bytes that were not sent");
    }
    feed(upload);
    return Optional.empty();
  }

  private void feed(Upload upload) {
    Optional<Chunk> chunk = upload.next();
    while (chunk.isPresent() && link.send(chunk.get())) {
      upload.sent(chunk.get());
      chunk = upload.next();
    }
  }

  private void grant(long subscription, Inflow inflow) {
    inflow
        .due()
        .ifPresent(
            credit -> {
              // Credits add up and the last acknowledgement counts, so one held back is enough.
              Credit earlier = heldCredits.remove(subscription);
              Credit sum =
                  earlier == null
                      ? credit
                      : new Credit(
                          subscription, earlier.credit() + credit.credit(), credit.acceptedUpTo());
              if (!link.send(sum)) {
                heldCredits.put(subscription, sum);
              }
            });
  }

  private void sendOrHold(SessionMessage message) {
    if (!held.isEmpty() || !link.send(message)) {
      held.add(message);
    }
  }

  /** Time has passed: ends what is late, and sends what found no room. */
  public void onTick(long now) {
    requests.expire(now);
    uploads.keySet().removeIf(id -> !requests.isOpen(id));
    while (!held.isEmpty() && link.send(held.get(0))) {
      held.remove(0);
    }
    heldCredits.values().removeIf(link::send);
    uploads.values().forEach(this::feed);
  }

  /**
   * The link is gone or the session over: every request ends. Sinks are not called: whoever closes
   * the session knows what becomes of its subscriptions.
   */
  public void close(String reason) {
    if (closed) {
      return;
    }
    closed = true;
    uploads.clear();
    held.clear();
    heldCredits.clear();
    requests.close(reason);
    subscriptions.clear();
  }

  /** How many requests wait for their answer. */
  public int open() {
    return requests.size();
  }

  /** How many answers and deliveries came that nobody waited for. */
  public long strays() {
    return strays + requests.strays();
  }
}
