// Looks at an archive before it is installed, alone or as an upgrade of another one.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Network;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.codec.StateOutline;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * Loads archives as a peer does, runs their makers and carries the initial state of the old version
 * over to the new one and back. Runs the code of the archives: check only those you would install.
 */
public final class ArchiveCheck {
  private static final ServiceKey KEY = new ServiceKey("check", "1");

  private static final MessageChanges.Found NO_MESSAGES =
      new MessageChanges.Found(Map.of(), List.of(), List.of());

  private final Path directory;
  private final LoaderWatch loaders = new LoaderWatch(Duration.ofMinutes(1), () -> {});
  private final List<String> problems = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();

  private ArchiveCheck(Path directory) {
    this.directory = directory;
  }

  /**
   * What a check has found.
   *
   * @param name the name in the descriptor; empty if the archive cannot be loaded
   * @param version the version there
   * @param schema the schema of the state; 0 if it has none
   * @param bytes the length of the archive
   * @param stateBytes the length of the encoded initial state; 0 if it has none
   * @param state how the old state comes over, in one sentence; empty if nothing was compared
   * @param back how the new state goes back
   * @param stateChanges components of the state that differ, by path
   * @param messageChanges message types and components of them that differ
   * @param incompatible those of the message changes that callers of the old version would notice
   * @param warnings what ought to be looked at
   * @param problems why it would not be installed, or not upgrade
   */
  public record Findings(
      String name,
      String version,
      int schema,
      long bytes,
      long stateBytes,
      String state,
      String back,
      Map<String, String> stateChanges,
      Map<String, String> messageChanges,
      List<String> incompatible,
      List<String> warnings,
      List<String> problems) {
    /** Whether it would be installed, and upgrade the old version. */
    public boolean good() {
      return problems.isEmpty();
    }
  }

  /**
   * Checks an archive.
   *
   * @param old the version that it is to follow; empty to look at the archive alone
   * @param directory for what makers write
   * @throws KitException BAD_ARCHIVE if the old archive cannot be loaded
   */
  public static Findings check(Optional<Path> old, Path next, Path directory) {
    return new ArchiveCheck(directory).run(old, next);
  }

  private Findings run(Optional<Path> old, Path next) {
    Archive archive = Archive.of(next);
    Version to;
    try {
      to = load(next, archive);
    } catch (KitException e) {
      return new Findings(
          "",
          "",
          0,
          archive.length(),
          0,
          "",
          "",
          Map.of(),
          Map.of(),
          List.of(),
          List.of(),
          List.of(e.detail()));
    }
    try {
      lookAtStatics(next, to);
      long stateBytes = initial(to).map(bytes -> bytes.length).orElse(0);
      if (old.isEmpty()) {
        return findings(archive, to, stateBytes, "", "", Map.of(), NO_MESSAGES);
      }
      Version from = load(old.get(), Archive.of(old.get()));
      try {
        return compare(
            archive, from, to, stateBytes, MessageChanges.between(from, old.get(), to, next));
      } finally {
        from.close();
      }
    } finally {
      to.close();
    }
  }

  private Findings findings(
      Archive archive,
      Version version,
      long stateBytes,
      String state,
      String back,
      Map<String, String> stateChanges,
      MessageChanges.Found messages) {
    warnings.addAll(messages.warnings());
    return new Findings(
        version.manifest().name(),
        version.manifest().version(),
        version.schema(),
        archive.length(),
        stateBytes,
        state,
        back,
        stateChanges,
        messages.changes(),
        messages.incompatible(),
        List.copyOf(warnings),
        List.copyOf(problems));
  }

  private Version load(Path file, Archive archive) {
    Release release = new Release(KEY, 1, archive.hash(), file);
    Network none =
        (Network)
            Proxy.newProxyInstance(
                Network.class.getClassLoader(),
                new Class<?>[] {Network.class},
                (proxy, method, arguments) -> {
                  throw new IllegalStateException("a check has no network");
                });
    ServicePlace place = ServicePlace.of(new PeerId(Key.of(0)), Map.of(), release, directory);
    return Version.load(release, loaders, place, none);
  }

  private Optional<byte[]> initial(Version version) {
    if (version.descriptor().stateType().isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(version.inside(() -> version.initialState().encoded()));
    } catch (KitException e) {
      problems.add(e.detail());
      return Optional.empty();
    }
  }

  private Findings compare(
      Archive archive, Version from, Version to, long stateBytes, MessageChanges.Found messages) {
    if (from.manifest().version().equals(to.manifest().version())) {
      warnings.add(
          "both say version " + to.manifest().version() + "; raise version in @KitService");
    }
    Map<String, String> changes = new TreeMap<>();
    if (from.descriptor().stateType().isPresent() && to.descriptor().stateType().isPresent()) {
      Map<String, String> before = StateOutline.of(from.descriptor().stateType().get());
      Map<String, String> after = StateOutline.of(to.descriptor().stateType().get());
      changes.putAll(
          differences(before, after, "not carried over by name", "zero or null by name"));
      if (!changes.isEmpty() && from.schema() == to.schema()) {
        warnings.add(
            "the state has changed, but schema "
                + to.schema()
                + " has not; it is read by name. Raise schema if a step is needed");
      }
    }
    String state = up(from, to);
    String back = down(from, to);
    return findings(archive, to, stateBytes, state, back, changes, messages);
  }

  private String up(Version from, Version to) {
    if (from.descriptor().stateType().isEmpty()) {
      return "the old version has no state; the new one begins with its own";
    }
    try {
      Migration.tryOut(from, from.initialState(), to, Optional.empty());
    } catch (KitException e) {
      problems.add(e.detail());
      return "it does not come over";
    }
    boolean step =
        from.schema() != to.schema()
            && (to.descriptor().steps().upgrades().containsKey(from.schema())
                || to.descriptor().steps().anyUpgrade().isPresent());
    return step
        ? "by what is declared for schema " + from.schema()
        : "by the names of its components";
  }

  private static String down(Version from, Version to) {
    if (to.descriptor().stateType().isEmpty() || from.schema() == to.schema()) {
      return "by the names of its components";
    }
    return SchemaPath.leadsDown(to, from.schema())
        ? "by downgradeState(" + from.schema() + ", ...)"
        : "none: a rollback loses the turns since the upgrade; declare downgradeState("
            + from.schema()
            + ", ...)";
  }

  private static Map<String, String> differences(
      Map<String, String> before, Map<String, String> after, String gone, String added) {
    Map<String, String> changes = new TreeMap<>();
    before.forEach(
        (path, type) -> {
          String now = after.get(path);
          if (now == null) {
            changes.put(path, gone);
          } else if (!now.equals(type)) {
            changes.put(path, type + " becomes " + now);
          }
        });
    after.keySet().stream()
        .filter(path -> !before.containsKey(path))
        .forEach(path -> changes.put(path, added));
    return changes;
  }

  /** What keeps the classes of a version in memory after its end. */
  private void lookAtStatics(Path file, Version version) {
    try (JarFile jar = new JarFile(file.toFile())) {
      for (JarEntry entry : (Iterable<JarEntry>) jar.stream()::iterator) {
        String path = entry.getName();
        if (path.endsWith(".class") && !path.startsWith("META-INF/")) {
          lookAt(path.substring(0, path.length() - 6).replace('/', '.'), version.loader());
        }
      }
    } catch (IOException e) {
      throw new KitException(ErrorCode.BAD_ARCHIVE, file + " cannot be read: " + e.getMessage(), e);
    }
  }

  private void lookAt(String name, ClassLoader loader) {
    try {
      for (Field field : Class.forName(name, false, loader).getDeclaredFields()) {
        Class<?> type = field.getType();
        if (Modifier.isStatic(field.getModifiers())
            && (ThreadLocal.class.isAssignableFrom(type)
                || Thread.class.isAssignableFrom(type)
                || java.util.Timer.class.isAssignableFrom(type)
                || Executor.class.isAssignableFrom(type))) {
          warnings.add(
              name
                  + "."
                  + field.getName()
                  + " is a static "
                  + type.getSimpleName()
                  + ": it may keep the classes of this version in memory after an upgrade; use the"
                  + " executor of PeerContext, and timers of the context");
        }
      }
    } catch (ClassNotFoundException | LinkageError e) {
      warnings.add(name + " does not load: " + Failure.describe(e));
    }
  }
}
