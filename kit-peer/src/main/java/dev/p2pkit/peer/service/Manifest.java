// The descriptor in an archive: META-INF/kit/service.json, read with bounds.
package dev.p2pkit.peer.service;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.p2pkit.sdk.Durability;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Execution;
import dev.p2pkit.sdk.KitException;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What an archive says of itself. Fields that are not known are skipped, so that a later descriptor
 * of the same format can be read.
 *
 * @param name the name it is meant to be installed under
 * @param version the version, for people
 * @param maker the class name of the maker
 * @param state the type and schema number of the state; empty if the service has none
 * @param execution on which kind of thread turns run
 * @param turn how long a turn may take
 * @param mailboxMessages the most messages that may wait
 * @param mailboxBytes the most bytes that may wait
 * @param quota what it asks to be limited to
 */
record Manifest(
    String name,
    String version,
    String maker,
    Optional<State> state,
    Execution execution,
    Duration turn,
    int mailboxMessages,
    long mailboxBytes,
    Quota quota) {
  static final String ENTRY = "META-INF/kit/service.json";
  static final int MAX_BYTES = 64 << 10;

  /** How large a state may become that says nothing about it. */
  static final long STATE_BYTES = 16 << 20;

  private static final int FORMAT = 1;
  private static final int MAX_TEXT = 512;
  private static final ObjectMapper JSON =
      JsonMapper.builder(
              new com.fasterxml.jackson.core.JsonFactoryBuilder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(32)
                          .maxNumberLength(32)
                          .maxStringLength(MAX_BYTES)
                          .build())
                  .build())
          .build();

  /**
   * What kind of state the service keeps.
   *
   * @param type its class name
   * @param schema the number that {@code upgradeFrom} of a later version names
   * @param durability what of it is kept on the disk
   * @param snapshotEvery how long after a turn a snapshot is written at the latest
   * @param startAnew whether it begins anew where its file is damaged
   */
  record State(
      String type, int schema, Durability durability, Duration snapshotEvery, boolean startAnew) {}

  /** What is kept on the disk. */
  Durability durability() {
    return state.map(State::durability).orElse(Durability.NONE);
  }

  /** Reads a descriptor; fails with BAD_ARCHIVE or VERSION_SKEW. */
  static Manifest parse(byte[] json) {
    JsonNode root;
    try {
      root = JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw bad("is not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw bad("cannot be read: " + e.getMessage());
    }
    if (root == null || !root.isObject()) {
      throw bad("is not a JSON object");
    }
    long format = number(root, "format", 1, Integer.MAX_VALUE, 0);
    if (format > FORMAT) {
      throw new KitException(
          ErrorCode.VERSION_SKEW,
          ENTRY
              + " has format "
              + format
              + ", but this peer reads format "
              + FORMAT
              + "; upgrade P2PKit on this peer or build the archive with an older SDK");
    }
    if (format != FORMAT) {
      throw bad("does not say \"format\": " + FORMAT);
    }
    JsonNode execution = section(root, "execution");
    JsonNode mailbox = section(root, "mailbox");
    return new Manifest(
        text(root, "name"),
        text(root, "version"),
        text(root, "maker"),
        state(root),
        oneOf(execution, "mode", Execution.WORKER),
        Duration.ofMillis(number(execution, "turnMillis", 1, 600_000, 5_000)),
        (int) number(mailbox, "messages", 1, 10_000_000, 10_000),
        number(mailbox, "bytes", 1_024, 1L << 30, 32 << 20),
        quota(section(root, "quota")));
  }

  private static Quota quota(JsonNode quota) {
    long percent = number(quota, "cpuPercent", 1, 100_000, Long.MAX_VALUE);
    return new Quota(
        percent == Long.MAX_VALUE ? Quota.NONE.cpu() : percent / 100.0,
        number(quota, "allocationPerSecond", 1, 1L << 50, Quota.NONE.allocation()),
        number(quota, "messagesPerSecond", 1, 1L << 50, Quota.NONE.messages()),
        number(quota, "stateBytes", 1, 1L << 40, STATE_BYTES));
  }

  private static Optional<State> state(JsonNode root) {
    JsonNode state = root.get("state");
    if (state == null || state.isNull()) {
      return Optional.empty();
    }
    if (!state.isObject()) {
      throw bad("has a 'state' that is not an object");
    }
    return Optional.of(
        new State(
            text(state, "type"),
            (int) number(state, "schema", 0, Integer.MAX_VALUE, 1),
            oneOf(state, "durability", Durability.NONE),
            Duration.ofMillis(number(state, "snapshotMillis", 10, 600_000, 1_000)),
            state.path("startAnewIfDamaged").asBoolean(false)));
  }

  /** One of the constants of an enum, in any case; the given one if the field is not there. */
  private static <T extends Enum<T>> T oneOf(JsonNode section, String field, T otherwise) {
    JsonNode value = section.get(field);
    if (value == null || value.isNull()) {
      return otherwise;
    }
    String name = value.asText().toUpperCase(Locale.ROOT);
    T[] all = otherwise.getDeclaringClass().getEnumConstants();
    for (T one : all) {
      if (one.name().equals(name)) {
        return one;
      }
    }
    throw bad(
        "has the "
            + field
            + " '"
            + shorten(name)
            + "', which is none of "
            + Arrays.stream(all).map(Enum::name).collect(Collectors.joining(", ")));
  }

  private static JsonNode section(JsonNode root, String field) {
    JsonNode section = root.get(field);
    if (section == null || section.isNull()) {
      return JSON.createObjectNode();
    }
    if (!section.isObject()) {
      throw bad("has a '" + field + "' that is not an object");
    }
    return section;
  }

  private static String text(JsonNode node, String field) {
    JsonNode value = node.get(field);
    if (value == null || !value.isTextual() || value.asText().isBlank()) {
      throw bad("lacks the text '" + field + "'");
    }
    if (value.asText().length() > MAX_TEXT) {
      throw bad("has a '" + field + "' of more than " + MAX_TEXT + " characters");
    }
    return value.asText();
  }

  private static long number(JsonNode node, String field, long least, long most, long otherwise) {
    JsonNode value = node.get(field);
    if (value == null || value.isNull()) {
      return otherwise;
    }
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw bad("has a '" + field + "' that is not a whole number");
    }
    long number = value.asLong();
    if (number < least || number > most) {
      throw bad("has '" + field + "': " + number + ", not between " + least + " and " + most);
    }
    return number;
  }

  /** Foreign text in an error message: short and on one line. */
  static String shorten(String text) {
    String cut = text.length() <= 64 ? text : text.substring(0, 64) + "…";
    return cut.replaceAll("\\p{Cntrl}", "?");
  }

  private static KitException bad(String what) {
    return new KitException(
        ErrorCode.BAD_ARCHIVE,
        ENTRY + " " + what + "; compile the maker with @KitService, which writes this file");
  }
}
