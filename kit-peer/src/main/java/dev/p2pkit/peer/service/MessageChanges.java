// Which messages differ between two versions of a service, and which of that callers would notice.
package dev.p2pkit.peer.service;

import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.codec.StateOutline;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;

/**
 * Compares the messages of two versions: what each of them handles, and what else it names in
 * {@code @KitService(messages = ...)}, which is taken for replies. A change is compatible if
 * callers of the old version can go on: what they send is handled, and what they get back fits what
 * they read it as. Meaning is not looked at.
 */
final class MessageChanges {
  /** Where the annotation processor writes what a service names. */
  static final String ENTRY = "META-INF/kit/message-schema.json";

  private static final int MAX_BYTES = 4 << 20;
  private static final int MAX_TYPES = 1_000;
  private static final JsonMapper JSON =
      JsonMapper.builder(
              new com.fasterxml.jackson.core.JsonFactoryBuilder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(32)
                          .maxNumberLength(32)
                          .maxStringLength(1_024)
                          .build())
                  .build())
          .build();
  private static final List<String> WHOLE = List.of("byte", "short", "int", "long");
  private static final List<String> FLOATING = List.of("float", "double");
  private static final Map<String, String> PRIMITIVES =
      Map.of(
          "Byte", "byte",
          "Short", "short",
          "Integer", "int",
          "Long", "long",
          "Float", "float",
          "Double", "double",
          "Boolean", "boolean",
          "Character", "char");

  private final Version to;
  private final Map<String, String> changes = new TreeMap<>();
  private final List<String> incompatible = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();

  private MessageChanges(Version to) {
    this.to = to;
  }

  /**
   * What was found.
   *
   * @param changes message types and components of them that differ, with what becomes of them
   * @param incompatible those of them that callers of the old version would notice
   * @param warnings what the archives say of their messages that is not so
   */
  record Found(Map<String, String> changes, List<String> incompatible, List<String> warnings) {}

  /** Compares two versions that are loaded from these files. */
  static Found between(Version from, Path fromFile, Version to, Path toFile) {
    MessageChanges found = new MessageChanges(to);
    Map<String, Class<?>> requests = found.handled(from);
    Map<String, Class<?>> handled = found.handled(to);
    Map<String, Class<?>> named = found.named(to, toFile);
    if (!named.isEmpty()) {
      handled.forEach(
          (name, type) -> {
            if (!named.containsKey(name) && inArchive(type, to)) {
              found.warnings.add(
                  name + " is handled, but not among the messages of @KitService; add it");
            }
          });
    }
    found.compare(requests, handled, true);
    Map<String, Class<?>> replies = found.named(from, fromFile);
    replies.keySet().removeAll(requests.keySet());
    named.keySet().removeAll(handled.keySet());
    found.compare(replies, named, false);
    return new Found(found.changes, List.copyOf(found.incompatible), List.copyOf(found.warnings));
  }

  private static boolean inArchive(Class<?> type, Version version) {
    return type.getClassLoader() == version.loader();
  }

  private Map<String, Class<?>> handled(Version version) {
    Map<String, Class<?>> types = new TreeMap<>();
    version.descriptor().handlers().keySet().forEach(type -> types.put(type.getSimpleName(), type));
    return types;
  }

  /** What the archive names; a class that is not there is warned of. */
  private Map<String, Class<?>> named(Version version, Path file) {
    Map<String, Class<?>> types = new TreeMap<>();
    for (String name : read(file)) {
      try {
        Class<?> type = Class.forName(name, false, version.loader());
        types.put(type.getSimpleName(), type);
      } catch (ClassNotFoundException | LinkageError e) {
        warnings.add(
            ENTRY
                + " of version "
                + version.manifest().version()
                + " names "
                + name
                + ", which does not load: "
                + Failure.describe(e));
      }
    }
    return types;
  }

  private static List<String> read(Path file) {
    try (JarFile jar = new JarFile(file.toFile())) {
      ZipEntry entry = jar.getEntry(ENTRY);
      if (entry == null) {
        return List.of();
      }
      byte[] content;
      try (InputStream in = jar.getInputStream(entry)) {
        content = in.readNBytes(MAX_BYTES + 1);
      }
      JsonNode types = content.length > MAX_BYTES ? null : JSON.readTree(content).get("types");
      if (types == null || !types.isArray() || types.size() > MAX_TYPES) {
        throw new KitException(
            ErrorCode.BAD_ARCHIVE,
            file
                + " has a "
                + ENTRY
                + " without a list of at most "
                + MAX_TYPES
                + " types; build the archive anew with the SDK's annotation processor");
      }
      List<String> names = new ArrayList<>();
      types.forEach(type -> names.add(type.asText()));
      return names;
    } catch (IOException e) {
      throw new KitException(
          ErrorCode.BAD_ARCHIVE, file + ": " + ENTRY + " cannot be read: " + e.getMessage(), e);
    }
  }

  private void compare(
      Map<String, Class<?>> before, Map<String, Class<?>> after, boolean requests) {
    before.forEach(
        (name, type) -> {
          Class<?> now = after.get(name);
          if (now != null) {
            components(name, StateOutline.of(type), StateOutline.of(now), requests);
          } else if (!requests) {
            note(name, "is named no more", true);
          } else if (to.descriptor().fallback().isPresent()) {
            note(name, "goes to onAny", true);
          } else {
            note(name, "is refused", false);
          }
        });
    after.keySet().stream()
        .filter(name -> !before.containsKey(name))
        .forEach(name -> note(name, "is new", true));
  }

  private void components(
      String name, Map<String, String> before, Map<String, String> after, boolean requests) {
    before.forEach(
        (part, type) -> {
          String path = name + "." + part;
          String now = after.get(part);
          if (now == null) {
            note(path, gone(type, requests), !requests || !isKind(type));
          } else if (!now.equals(type)) {
            note(path, type + " becomes " + now, requests ? fits(type, now) : fits(now, type));
          }
        });
    after.forEach(
        (part, type) -> {
          if (!before.containsKey(part)) {
            note(name + "." + part, added(type, requests), requests || !isKind(type));
          }
        });
  }

  private static String added(String type, boolean requests) {
    if (isKind(type)) {
      return "is new";
    }
    return requests ? "zero or null" : "is skipped by old callers";
  }

  private static String gone(String type, boolean requests) {
    if (isKind(type)) {
      return "is gone";
    }
    return requests ? "is skipped" : "zero or null for old callers";
  }

  /** Constants of enums and kinds of sealed types: a value is one of them, and has no default. */
  private static boolean isKind(String type) {
    return type.equals("constant") || type.equals("kind");
  }

  /** Whether each value of a type can be read as one of another, both by their simple names. */
  static boolean fits(String value, String as) {
    String from = PRIMITIVES.getOrDefault(value, value);
    String into = PRIMITIVES.getOrDefault(as, as);
    if (value.equals(as)
        || as.equals("Optional<" + value + ">")
        || (PRIMITIVES.containsValue(value)
            && PRIMITIVES.getOrDefault(inOptional(as), "").equals(value))) {
      return true;
    }
    if (PRIMITIVES.containsKey(value) && PRIMITIVES.containsValue(as)) {
      // A null cannot become a number.
      return false;
    }
    if (from.equals(into)) {
      return true;
    }
    if (WHOLE.contains(from)) {
      return WHOLE.indexOf(from) <= WHOLE.indexOf(into)
          || (into.equals("double") && !from.equals("long"));
    }
    return FLOATING.contains(into) && FLOATING.indexOf(from) <= FLOATING.indexOf(into);
  }

  private static String inOptional(String type) {
    return type.startsWith("Optional<") ? type.substring(9, type.length() - 1) : type;
  }

  private void note(String part, String change, boolean compatible) {
    changes.put(part, change);
    if (!compatible) {
      incompatible.add(part);
    }
  }
}
