// The counter that most tests install, in several versions.
package dev.p2pkit.peer.service;

/** Archives of a counter: "add" adds one and replies the count, "read" replies it. */
final class Counters {
  static final String HANDLER =
      """
      .on(String.class, (message, totals, context) -> {
        if (message.equals("crash")) {
          throw new IllegalStateException("as asked");
        }
        Totals next = message.equals("add") ? totals.plus() : totals;
        context.reply(next.count());
        return next;
      })
      """;

  private Counters() {}

  /** The state is a record of one number. */
  static ServiceJar first(String more) {
    return new ServiceJar()
        .source(
            "Totals",
            "public record Totals(long count) { Totals plus() { return new Totals(count + 1); } }")
        .maker(
            "return ServiceDescriptor.stateful(Totals.class).initialState(() -> new Totals(0))"
                + HANDLER
                + ".build();")
        .stateful("1", "svc.Totals", 1, more);
  }

  /** The state has one more component; {@code upgrade} is between initial state and handlers. */
  static ServiceJar second(String upgrade, String more) {
    return new ServiceJar()
        .source(
            "Totals",
            "public record Totals(long count, Instant since) {"
                + " Totals plus() { return new Totals(count + 1, since); } }")
        .maker(
            "return ServiceDescriptor.stateful(Totals.class)"
                + ".initialState(() -> new Totals(0, Instant.EPOCH))"
                + upgrade
                + ".on(Long.class, (message, totals, context) -> { context.reply(totals.since());"
                + " return totals; })"
                + HANDLER
                + ".build();")
        .stateful("2", "svc.Totals", 2, more);
  }
}
