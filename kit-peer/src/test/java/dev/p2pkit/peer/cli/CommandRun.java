// Runs a command inside of this JVM and keeps what it printed.
package dev.p2pkit.peer.cli;

import dev.p2pkit.peer.cli.output.Output;
import java.io.PrintWriter;
import java.io.StringWriter;

record CommandRun(int code, String out, String err) {
  static CommandRun of(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Main.run(new Output(new PrintWriter(out), new PrintWriter(err)), args);
    return new CommandRun(code, out.toString(), err.toString());
  }
}
