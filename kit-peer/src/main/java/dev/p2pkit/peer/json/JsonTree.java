// JSON <-> the plain values of a TREE body, with a way to write what JSON lacks.
package dev.p2pkit.peer.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.p2pkit.sdk.Payload;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON as the plain values that a TREE body holds, and writes them back. What JSON cannot say
 * is an object with one member: {@code {"$bytes": base64}}, {@code {"$instant": ISO-8601}}, {@code
 * {"$double": "NaN"}}, and {@code {"$map": [[key, value], …]}} for a map whose keys are not strings
 * or whose only key looks like one of these.
 *
 * <p>Bounds: {@value #MAX_CHARACTERS} characters, {@value #MAX_DEPTH} levels. Thread-safe.
 */
public final class JsonTree {
  /** The longest text that is read. */
  public static final int MAX_CHARACTERS = 4 << 20;

  /** The deepest nesting that is read. */
  public static final int MAX_DEPTH = 64;

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final ObjectMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxStringLength(MAX_CHARACTERS)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** What the parser says of a text that it does not quote. */
  private static final Pattern SOURCE =
      Pattern.compile("\\[Source: [^;]*; (line: \\d+, column: \\d+)]");

  private JsonTree() {}

  /**
   * The plain value that a JSON text says.
   *
   * @throws IllegalArgumentException with a sentence that says what is wrong
   */
  public static @Nullable Object parse(String json) {
    if (json.length() > MAX_CHARACTERS) {
      throw new IllegalArgumentException(
          "the JSON has " + json.length() + " characters; at most " + MAX_CHARACTERS);
    }
    try {
      JsonNode node = MAPPER.readTree(json);
      if (node.isMissingNode()) {
        throw new IllegalArgumentException("the JSON is empty; write null for no value");
      }
      return plain(node);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "not JSON: "
              + SOURCE.matcher(e.getOriginalMessage()).replaceAll("$1")
              + "; a text needs its quotation marks, as in '\"alice\"'",
          e);
    }
  }

  /** One line of JSON for a plain value. */
  public static String format(@Nullable Object plain) {
    return toJson(plain).toString();
  }

  /** A body as JSON; what only Java can read is {@code {"$kryo": base64}}. */
  public static JsonNode toJson(Payload body) {
    return switch (body.format()) {
      case BYTES -> tagged("$bytes", base64(body.content()));
      case TREE -> toJson(body.as(Object.class));
      case KRYO -> tagged("$kryo", base64(body.content()));
    };
  }

  /**
   * A plain value as JSON.
   *
   * @throws IllegalArgumentException if it is not made of null, booleans, numbers, strings, bytes,
   *     instants, lists and maps
   */
  public static JsonNode toJson(@Nullable Object plain) {
    if (plain == null) {
      return NODES.nullNode();
    } else if (plain instanceof Boolean truth) {
      return NODES.booleanNode(truth);
    } else if (plain instanceof String text) {
      return NODES.textNode(text);
    } else if (plain instanceof Double || plain instanceof Float) {
      double number = ((Number) plain).doubleValue();
      return Double.isFinite(number)
          ? NODES.numberNode(number)
          : tagged("$double", Double.toString(number));
    } else if (plain instanceof Number number) {
      return NODES.numberNode(number.longValue());
    } else if (plain instanceof byte[] bytes) {
      return tagged("$bytes", base64(bytes));
    } else if (plain instanceof Instant instant) {
      return tagged("$instant", instant.toString());
    } else if (plain instanceof Map<?, ?> map) {
      return map(map);
    } else if (plain instanceof Collection<?> items) {
      ArrayNode array = NODES.arrayNode();
      items.forEach(item -> array.add(toJson(item)));
      return array;
    }
    throw new IllegalArgumentException(
        "a " + plain.getClass().getName() + " cannot be written as JSON");
  }

  private static JsonNode map(Map<?, ?> map) {
    boolean names = map.keySet().stream().allMatch(String.class::isInstance);
    boolean looksTagged =
        map.size() == 1 && map.keySet().iterator().next() instanceof String s && s.startsWith("$");
    if (names && !looksTagged) {
      ObjectNode object = NODES.objectNode();
      map.forEach((key, value) -> object.set((String) key, toJson(value)));
      return object;
    }
    ArrayNode entries = NODES.arrayNode();
    map.forEach((key, value) -> entries.addArray().add(toJson(key)).add(toJson(value)));
    ObjectNode object = NODES.objectNode();
    object.set("$map", entries);
    return object;
  }

  private static ObjectNode tagged(String tag, String text) {
    return NODES.objectNode().put(tag, text);
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static @Nullable Object plain(JsonNode node) {
    return switch (node.getNodeType()) {
      case NULL -> null;
      case BOOLEAN -> node.booleanValue();
      case STRING -> node.textValue();
      case NUMBER -> number(node);
      case ARRAY -> {
        List<@Nullable Object> list = new ArrayList<>(node.size());
        node.forEach(item -> list.add(plain(item)));
        yield list;
      }
      case OBJECT -> object(node);
      default -> throw new IllegalArgumentException("not JSON: " + node.getNodeType());
    };
  }

  private static Object number(JsonNode node) {
    if (node.isIntegralNumber()) {
      if (!node.canConvertToLong()) {
        throw new IllegalArgumentException(
            "whole numbers have 64 bits; " + node.asText() + " does not fit: write it as a text");
      }
      return node.longValue();
    }
    double value = node.doubleValue();
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException("the number " + node.asText() + " is too large");
    }
    return value;
  }

  private static @Nullable Object object(JsonNode node) {
    if (node.size() == 1) {
      Map.Entry<String, JsonNode> only = node.properties().iterator().next();
      if (only.getKey().startsWith("$")) {
        return untagged(only.getKey(), only.getValue());
      }
    }
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    node.properties().forEach(entry -> map.put(entry.getKey(), plain(entry.getValue())));
    return map;
  }

  private static Object untagged(String tag, JsonNode value) {
    try {
      return switch (tag) {
        case "$bytes" -> Base64.getDecoder().decode(text(tag, value));
        case "$instant" -> Instant.parse(text(tag, value));
        case "$double" -> Double.parseDouble(text(tag, value));
        case "$map" -> entries(value);
        default ->
            throw new IllegalArgumentException(
                "an object whose only member begins with '$' is one of $bytes, $instant, $double,"
                    + " $map; write {\"$map\": [[\""
                    + tag
                    + "\", …]]} for a map with such a key");
      };
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "an $instant is written like 2026-01-31T12:00:00Z, not " + value, e);
    }
  }

  private static String text(String tag, JsonNode value) {
    if (!value.isTextual()) {
      throw new IllegalArgumentException(tag + " is followed by a text, not by " + value);
    }
    return value.textValue();
  }

  private static Map<@Nullable Object, @Nullable Object> entries(JsonNode value) {
    Map<@Nullable Object, @Nullable Object> map = new LinkedHashMap<>();
    for (JsonNode entry : value) {
      if (!entry.isArray() || entry.size() != 2) {
        throw new IllegalArgumentException("$map is followed by [[key, value], …]");
      }
      map.put(plain(entry.get(0)), plain(entry.get(1)));
    }
    if (!value.isArray()) {
      throw new IllegalArgumentException("$map is followed by [[key, value], …]");
    }
    return map;
  }
}
