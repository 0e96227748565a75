// Stories about small rings go as they are written down.
package dev.p2pkit.overlay.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each file in {@code src/test/resources/stories} is one story, see {@link Story}. With {@code
 * -Dstories.rewrite=true} they are written anew as they go now; read the difference before you
 * commit it.
 */
class StoryTest {
  private static final Path STORIES =
      Stream.of("src/test/resources/stories", "overlay/src/test/resources/stories")
          .map(Path::of)
          .filter(Files::isDirectory)
          .findFirst()
          .orElseThrow();

  static List<String> stories() throws IOException {
    try (Stream<Path> files = Files.list(STORIES)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("stories")
  void goesAsItIsWrittenDown(String name) throws IOException {
    Path file = STORIES.resolve(name);
    String written = Files.readString(file);
    String told = Story.tell(written);
    if (Boolean.getBoolean("stories.rewrite")) {
      Files.writeString(file, told);
    } else {
      assertThat(told).isEqualTo(written);
    }
  }
}
