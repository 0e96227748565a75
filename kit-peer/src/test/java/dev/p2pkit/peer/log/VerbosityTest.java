// The one number that says how much is logged.
package dev.p2pkit.peer.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ch.qos.logback.classic.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class VerbosityTest {
  private static final Logger LOG = LoggerFactory.getLogger("dev.p2pkit.verbosity");
  private static final ch.qos.logback.classic.Logger ROOT =
      (ch.qos.logback.classic.Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
  private Level before = Level.INFO;

  @BeforeEach
  void keep() {
    before = ROOT.getLevel();
  }

  @AfterEach
  void restore() {
    ROOT.setLevel(before);
  }

  @Test
  void zeroIsSilentAndTenIsEverything() {
    Verbosity.set(0);
    assertThat(LOG.isErrorEnabled()).isFalse();
    Verbosity.set(10);
    assertThat(LOG.isTraceEnabled()).isTrue();
  }

  @Test
  void eachStepSaysAtLeastAsMuch() {
    int enabledBefore = 0;
    for (int level = 0; level <= 10; level++) {
      Verbosity.set(level);
      int enabled =
          (LOG.isErrorEnabled() ? 1 : 0)
              + (LOG.isWarnEnabled() ? 1 : 0)
              + (LOG.isInfoEnabled() ? 1 : 0)
              + (LOG.isDebugEnabled() ? 1 : 0)
              + (LOG.isTraceEnabled() ? 1 : 0);
      assertThat(enabled).isGreaterThanOrEqualTo(enabledBefore);
      enabledBefore = enabled;
    }
    assertThat(enabledBefore).isEqualTo(5);
  }

  @Test
  void otherNumbersAreRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> Verbosity.set(-1));
    assertThatIllegalArgumentException().isThrownBy(() -> Verbosity.set(11));
  }
}
