// An object whose class is not here: its components by name.
package dev.p2pkit.sdk.codec;

import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/** The components of an object of an unknown class, in their order. */
final class PlainObject extends LinkedHashMap<@Nullable Object, @Nullable Object> {
  private final transient String className;

  PlainObject(String className) {
    this.className = className;
  }

  /** The full name of the class, as the sender knew it. */
  String className() {
    return className;
  }

  /** The name of the class without package and outer classes. */
  String simpleName() {
    return className.substring(
        Math.max(className.lastIndexOf('.'), className.lastIndexOf('$')) + 1);
  }
}
