// Makes programs of the pieces of code in the documentation.
package dev.p2pkit.samples;

import dev.p2pkit.peer.testing.TestArchive;
import dev.p2pkit.sdk.Archive;
import java.util.Map;

/** Archives whose sources are a block of the documentation and what it leaves out. */
final class Recipe {
  private static final String HEAD =
      """
      package recipe;
      import static dev.p2pkit.sdk.InstallOptions.named;
      import dev.p2pkit.peer.*;
      import dev.p2pkit.peer.testing.*;
      import dev.p2pkit.sdk.*;
      import java.nio.file.Path;
      import java.time.*;
      import java.util.*;
      import java.util.concurrent.*;
      import org.junit.jupiter.api.Test;
      """;

  /** A counter: version, annotation's end, components of the state, steps of the builder. */
  private static final String COUNTER =
      HEAD
          + """
          %1$s
          public final class Maker implements ServiceMaker {
            public record Totals(%2$s) {}
            public record Add(long by) {}
            public record Ask(String reason) {}
            @Override public ServiceDescriptor make(PeerContext peer) {
              return ServiceDescriptor.stateful(Totals.class)
                  %3$s
                  .on(Add.class, (add, totals, context) -> {
                    long next = totals.%4$s() + add.by();
                    context.reply(next);
                    return new Totals(next%5$s);
                  })
                  .on(Ask.class, (ask, totals, context) -> {
                    context.reply(totals.%4$s());
                    return totals;
                  })
                  .build();
            }
          }
          """;

  private static final String PERSON =
      HEAD
          + """
          @KitService(name = "person", version = "%1$d", state = Maker.Person.class, schema = %1$d)
          public final class Maker implements ServiceMaker {
            public record Name(String first, String last) {}
            public record OldPerson(String first, String last) {}
            public record Person(%2$s) {}
            public record Ask(String reason) {}
            @Override public ServiceDescriptor make(PeerContext peer) {
              return ServiceDescriptor.stateful(Person.class)
                  .initialState(() -> new Person(%3$s))
                  %4$s
                  .on(Ask.class, (ask, person, context) -> {
                    context.reply(person.toString());
                    return person;
                  })
                  .build();
            }
          }
          """;

  private static final String ANNOTATION =
      "@KitService(name = \"counter\", version = \"%s\", state = Maker.Totals.class, schema = %d)";

  private Recipe() {}

  /** Version 1: a state with one number of this name. */
  static Archive first(String number) {
    return TestArchive.compiled(Map.of("recipe.Maker", firstSource(number)));
  }

  private static String firstSource(String number) {
    return COUNTER.formatted(
        ANNOTATION.formatted("1", 1),
        "long " + number,
        ".initialState(() -> new Totals(0))",
        number,
        "");
  }

  /** Version 2.0 with steps of the documentation. */
  static Archive of(String steps) {
    if (steps.contains("Person")) {
      return person("Name name", "new Name(\"\", \"\")", steps);
    }
    return of(ANNOTATION.formatted("2.0", steps.contains("upgradeFrom(2,") ? 3 : 2), steps);
  }

  /** As above with an annotation of the documentation. */
  static Archive of(String annotation, String steps) {
    String initial =
        steps.contains(".initialState(") ? "" : ".initialState(() -> new Totals(0, Instant.EPOCH))";
    return TestArchive.compiled(
        Map.of(
            "recipe.Maker",
            COUNTER.formatted(
                annotation.replace("= Totals.class", "= Maker.Totals.class"),
                "long count, Instant since",
                initial + steps,
                "count",
                ", totals.since()")));
  }

  /** A service with a person for a state. */
  static Archive person(String components, String initial, String steps) {
    return TestArchive.compiled(
        Map.of(
            "recipe.Maker", PERSON.formatted(steps.isEmpty() ? 1 : 2, components, initial, steps)));
  }

  /** A whole maker of the documentation. */
  static Archive maker(String code) {
    return TestArchive.compiled(
        Map.of(
            "recipe.CounterMaker",
            HEAD + code,
            "recipe.Add",
            "package recipe; public record Add(long by) {}",
            "recipe.Totals",
            """
            package recipe;
            public record Totals(long count) {
              Totals plus(long by) {
                return new Totals(count + by);
              }
            }
            """));
  }

  /** A class that is no service, compiled beside one. */
  static Archive beside(String name, String code) {
    return TestArchive.compiled(
        Map.of("recipe.Maker", firstSource("n"), "recipe." + name, HEAD + code));
  }

  /** Statements of a program. */
  static Archive statements(String code) {
    return beside(
        "Snippet",
        """
        public final class Snippet {
          record Reply(long count) {}
          static void run(ServiceHandle handle, Key k, Object message, InstallOptions options) {
            %s
          }
        }
        """
            .formatted(code));
  }
}
