// Which classes a KRYO body may name, and how they are found.
package dev.p2pkit.sdk.codec;

import java.security.CodeSource;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the classes that a KRYO body names. Only classes that the given loader has loaded itself
 * are allowed, and the SDK's own records and enums: never a class of the JDK or of the host.
 *
 * @param loader the loader; null for that of the JDK, which has no class to offer
 * @param owner the type whose jar may hold other classes than records and enums; null if every jar
 *     of the loader may
 * @param root the class that the outermost object is read as if its own does not fit; null if none
 * @param known classes that were found and allowed before; belongs to the codec and dies with it
 * @param view whether no class is looked up but the SDK's
 */
record KryoClasses(
    @Nullable ClassLoader loader,
    @Nullable Class<?> owner,
    @Nullable Class<?> root,
    Map<String, Class<?>> known,
    boolean view) {
  private static final int MAX_KNOWN = 1_024;

  private static final String SDK = "dev.p2pkit.sdk.";

  /**
   * The class of this name, empty if there is none.
   *
   * @throws CodecException if there is one that a body must not name
   */
  Optional<Class<?>> find(String name) {
    Class<?> before = known.get(name);
    if (before != null) {
      return Optional.of(before);
    }
    Optional<Class<?>> found = lookUp(name);
    if (found.isPresent() && known.size() < MAX_KNOWN) {
      known.put(name, found.get());
    }
    return found;
  }

  private Optional<Class<?>> lookUp(String name) {
    boolean ours = name.startsWith(SDK) && name.indexOf('.', SDK.length()) < 0;
    if ((view || loader == null) && !ours) {
      return Optional.empty();
    }
    if (name.isEmpty() || name.charAt(0) == '[') {
      throw new CodecException("a body names classes, not '" + Scalars.shorten(name) + "'");
    }
    ClassLoader home = KryoClasses.class.getClassLoader();
    Class<?> found;
    try {
      found = Class.forName(name, false, ours ? home : loader);
    } catch (ClassNotFoundException | LinkageError e) {
      return Optional.empty();
    }
    boolean data = found.isRecord() || found.isEnum();
    boolean allowed =
        ours
            ? data || BytesValue.class.isAssignableFrom(found)
            : found.getClassLoader() == loader && (data || isOwners(found));
    if (!allowed) {
      throw new CodecException(
          "a body must not name the class "
              + Scalars.shorten(name)
              + "; only records, enums and classes of the receiver's own archive are read");
    }
    return Optional.of(found);
  }

  private boolean isOwners(Class<?> found) {
    return owner == null || Objects.equals(jar(owner), jar(found));
  }

  private static @Nullable Object jar(Class<?> type) {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    return source == null || source.getLocation() == null ? null : source.getLocation().toString();
  }
}
