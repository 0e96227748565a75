// For what the tests on hosts of their own may be left out, and for what they fail.
package dev.p2pkit.overlay.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamespacesTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  private static IOException failure(Duration limit, String... command) {
    return catchThrowableOfType(IOException.class, () -> Namespaces.runWithin(limit, "", command));
  }

  @Test
  void aToolThatIsNotThereIsLacking() {
    assertThat(Namespaces.lacksSomething(failure(LONG, "p2pkit-has-no-such-tool"))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mount --make-shared /run/netns failed: Operation not permitted",
        "mkdir /run/netns failed: Permission denied",
        "RTNETLINK answers: Operation not supported",
        "Error: Unknown device type.",
        "Object \"netns\" is unknown, try \"ip help\"."
      })
  void aRightOrAPartOfTheKernelIsLacking(String said) {
    IOException failed = failure(LONG, "sh", "-c", "echo '" + said + "'; exit 2");
    assertThat(failed).hasMessageEndingWith(said);
    assertThat(Namespaces.lacksSomething(failed)).isTrue();
  }

  @Test
  void whatTakesTooLongFails() {
    IOException failed = failure(Duration.ofMillis(50), "sleep", "600");
    assertThat(failed).hasMessageContaining("sleep 600 has not ended within");
    assertThat(Namespaces.lacksSomething(failed)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "RTNETLINK answers: File exists",
        "Cannot create namespace file: File exists",
        "RTNETLINK answers: Cannot allocate memory",
        ""
      })
  void whatIsNotExpectedFails(String said) {
    IOException failed = failure(LONG, "sh", "-c", "echo '" + said + "'; exit 1");
    assertThat(failed).isNotNull();
    assertThat(Namespaces.lacksSomething(failed)).isFalse();
  }
}
