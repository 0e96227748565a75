// A long payload that comes in parts.
package dev.p2pkit.overlay.broadcast;

import java.util.ArrayList;
import java.util.List;

/** The parts of one payload, which come in order because their origin's broadcasts do. */
final class Assembly {
  private final List<Content> parts;
  private final int wanted;

  private Assembly(int wanted) {
    this.wanted = wanted;
    this.parts = new ArrayList<>(wanted);
  }

  static Assembly of(Content first) {
    Assembly assembly = new Assembly(first.parts);
    assembly.parts.add(first);
    return assembly;
  }

  /** Takes the next part; false if it is not the next one of this payload. */
  boolean add(Content content) {
    Content first = parts.get(0);
    // Between two that are there a whole end and a whole beginning may have been skipped.
    if (content.parts != wanted
        || content.part != parts.size()
        || content.topic != first.topic
        || content.id.sequence() != first.id.sequence() + parts.size()) {
      return false;
    }
    parts.add(content);
    return true;
  }

  boolean isWhole() {
    return parts.size() == wanted;
  }

  byte[] payload() {
    int length = parts.stream().mapToInt(part -> part.payload.length).sum();
    byte[] whole = new byte[length];
    int at = 0;
    for (Content part : parts) {
      System.arraycopy(part.payload, 0, whole, at, part.payload.length);
      at += part.payload.length;
    }
    return whole;
  }
}
