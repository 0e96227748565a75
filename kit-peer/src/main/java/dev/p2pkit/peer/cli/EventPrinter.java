// Prints a peer's events as JSON lines.
package dev.p2pkit.peer.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.sdk.Network;
import dev.p2pkit.sdk.NetworkEvent;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.concurrent.Flow;

/** Subscribes to the events and prints each as {@code {"event": NAME, …}}. */
final class EventPrinter implements Flow.Subscriber<NetworkEvent> {
  private final Output output;

  private EventPrinter(Output output) {
    this.output = output;
  }

  static void print(Network network, Output output) {
    network.events().subscribe(new EventPrinter(output));
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    subscription.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(NetworkEvent event) {
    output.json(json(event));
  }

  @Override
  public void onError(Throwable failure) {
    output.note("the stream of events ended: " + failure.getMessage());
  }

  @Override
  public void onComplete() {}

  static ObjectNode json(NetworkEvent event) {
    ObjectNode object = Output.object().put("event", event.getClass().getSimpleName());
    for (RecordComponent component : event.getClass().getRecordComponents()) {
      Object value;
      try {
        value = component.getAccessor().invoke(event);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("an event's components are public", e);
      }
      String name = component.getName();
      if (value instanceof Number number) {
        object.put(name, number.longValue());
      } else if (value instanceof List<?> list) {
        ArrayNode array = object.putArray(name);
        list.forEach(item -> array.add(String.valueOf(item)));
      } else {
        object.put(name, String.valueOf(value));
      }
    }
    return object;
  }
}
