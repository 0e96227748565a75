// The Java in a page of the documentation.
package dev.p2pkit.samples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Finds the blocks of a page that begin with three back-ticks and {@code java}. */
final class CodeBlocks {
  /**
   * A block.
   *
   * @param page the file, from the root of the tree
   * @param line the number of its first line in the page
   * @param code without the fences
   */
  record Block(String page, int line, String code) {
    String place() {
      return page + ", line " + line;
    }
  }

  private CodeBlocks() {}

  /** All blocks of these pages, in order. */
  static List<Block> of(String... pages) {
    List<Block> blocks = new ArrayList<>();
    for (String page : pages) {
      List<String> code = new ArrayList<>();
      int begin = 0;
      int number = 0;
      for (String line : lines(page)) {
        number++;
        if (line.equals("```java")) {
          begin = number + 1;
          code.clear();
        } else if (line.equals("```") && begin > 0) {
          blocks.add(new Block(page, begin, String.join("\n", code) + "\n"));
          begin = 0;
        } else {
          code.add(line);
        }
      }
    }
    return blocks;
  }

  /** The one block of a page with this text. */
  static String with(String page, String text) {
    List<Block> found = of(page).stream().filter(block -> block.code().contains(text)).toList();
    if (found.size() != 1) {
      throw new AssertionError(
          found.size() + " blocks of " + page + " contain '" + text + "'; one should");
    }
    return found.get(0).code();
  }

  private static List<String> lines(String page) {
    try {
      // Tests run in the directory of their module.
      return Files.readAllLines(Path.of("..", page));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
