// What came from elsewhere is printed, and never obeyed by a terminal.
package dev.p2pkit.peer.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class OutputTest {
  private static final String HOSTILE = "a\u001b[2Jb\u009b1mc\rd\u0000e\tf\ng é 語";
  private static final String SHOWN = "a\\u001b[2Jb\\u009b1mc\\u000dd\\u0000e\tf\ng é 語";

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final Output output = new Output(new PrintWriter(out, true), new PrintWriter(err, true));

  @Test
  void aTerminalIsToldNothingByWhatIsPrinted() {
    output.line(HOSTILE);
    output.failure(new KitException(ErrorCode.SERVICE_CRASHED, HOSTILE));
    assertThat(out.toString().strip()).isEqualTo(SHOWN);
    assertThat(err.toString().strip()).isEqualTo("SERVICE_CRASHED: " + SHOWN);
  }

  @Test
  void aCellOfATableIsOneLine() {
    new Table("ID", "REASON").row("1", "failed\n2   processed\t\u001b[A").print(output);
    assertThat(out.toString().lines())
        .containsExactly("ID  REASON", "1   failed 2   processed \\u001b[A");
  }
}
