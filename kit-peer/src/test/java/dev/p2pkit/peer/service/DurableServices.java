// Services with durable state for tests: one that keeps notes, and one that counts.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.Archive;

/** Archives of services whose state outlives their process, by the durability that is asked for. */
final class DurableServices {
  /** Adds, defers, pushes, schedules; the state is all that was said. */
  private static final String NOTES =
      """
      return ServiceDescriptor.stateful(Notes.class).initialState(() -> new Notes(List.of()))
          .on(String.class, (message, notes, context) -> {
            switch (message) {
              case "crash" -> throw new IllegalStateException("as asked");
              case "read" -> { context.reply(String.join(" ", notes.said())); return notes; }
              case "later" -> context.schedule(Duration.ofMillis(1_500), "due");
              case "much later" -> context.schedule(Duration.ofHours(1), "due");
              case "resume" -> context.resumeDeferred();
              case "large" -> { return new Notes(List.of(new Random(1).ints(40_000, 'a', 'z')
                  .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                  .toString())); }
              default -> { }
            }
            if (message.startsWith("defer") && !notes.said().contains("open")) {
              context.defer();
              return notes;
            }
            Notes next = notes.and(message);
            context.reply((long) next.said().size());
            return next;
          })
          .build();
      """;

  private DurableServices() {}

  static Archive notes(String durability, String more) {
    return new ServiceJar()
        .source(
            "Notes",
            "public record Notes(List<String> said) { Notes and(String more) {"
                + " var all = new ArrayList<>(said); all.add(more); return new Notes(all); } }")
        .maker(NOTES)
        .durable("1", "svc.Notes", 1, durability, more)
        .build();
  }

  static Archive counter(String durability) {
    return Counters.first("").durable("1", "svc.Totals", 1, durability, "").build();
  }

  static Archive counter2(String durability) {
    return Counters.second(
            ".upgradeFrom(1, old -> new Totals(old.getLong(\"count\") + 1000, Instant.EPOCH))", "")
        .durable("2", "svc.Totals", 2, durability, "")
        .build();
  }
}
