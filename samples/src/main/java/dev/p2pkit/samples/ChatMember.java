// Somebody in a chat room, as a thin client: speaks to the room, hears at a proxy.
package dev.p2pkit.samples;

import dev.p2pkit.client.Client;
import dev.p2pkit.client.Proxy;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.ServiceHandle;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A member of one room. The room lives on the peer that owns the key of its name, so nobody needs
 * to know where that is. Thread-safe.
 */
public final class ChatMember implements AutoCloseable {
  private final ServiceHandle.Target room;
  private final String roomName;
  private final String name;
  private final Proxy proxy;

  private ChatMember(ServiceHandle chat, String roomName, String name, Proxy proxy) {
    this.room = chat.hash(roomName);
    this.roomName = roomName;
    this.name = name;
    this.proxy = proxy;
  }

  /**
   * Enters a room.
   *
   * @param client stays open; closing the member leaves the room only
   * @param heard is told everything that is said there, as {@code {room, name, text}}
   */
  public static CompletableFuture<ChatMember> join(
      Client client, String roomName, String name, Consumer<Map<?, ?>> heard) {
    return client
        .service("chat")
        .thenCompose(
            chat -> {
              Proxy proxy = client.openProxy();
              proxy.messages().subscribe(new Listener(heard));
              ChatMember member = new ChatMember(chat, roomName, name, proxy);
              return proxy
                  .ready()
                  .thenCompose(ready -> member.ask(Map.of("proxy", ready.address().toString())))
                  .thenApply(names -> member);
            });
  }

  /** Says something to everybody in the room; gives the names of those who are there. */
  public CompletableFuture<List<?>> say(String text) {
    return ask(Map.of("text", text));
  }

  private CompletableFuture<List<?>> ask(Map<String, String> what) {
    Map<String, String> message = new HashMap<>(Map.of("room", roomName, "name", name));
    message.putAll(what);
    return room.rpc(message, Map.class).thenApply(reply -> (List<?>) reply.get("names"));
  }

  /** Leaves the room; completes when the room knows. */
  public CompletableFuture<Void> leave() {
    return room.rpc(Map.of("room", roomName, "leaver", name), Map.class)
        .thenAccept(reply -> proxy.close());
  }

  @Override
  public void close() {
    leave().join();
  }

  /** Takes one message at a time: a slow reader slows the senders and loses nothing unnoticed. */
  private static final class Listener implements Flow.Subscriber<Message> {
    private final Consumer<Map<?, ?>> heard;
    private Flow.@Nullable Subscription subscription;

    Listener(Consumer<Map<?, ?>> heard) {
      this.heard = heard;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription = given;
      given.request(1);
    }

    @Override
    public void onNext(Message message) {
      heard.accept(message.body(Map.class));
      Flow.Subscription present = subscription;
      if (present != null) {
        present.request(1);
      }
    }

    @Override
    public void onError(Throwable failure) {
      heard.accept(Map.of("room", "", "name", "", "text", String.valueOf(failure.getMessage())));
    }

    @Override
    public void onComplete() {}
  }
}
