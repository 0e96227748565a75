// p2pkit send: one message, acknowledged.
package dev.p2pkit.peer.cli;

import dev.p2pkit.client.Client;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.sdk.Ack;
import dev.p2pkit.sdk.Receipt;
import dev.p2pkit.sdk.SendOptions;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Sends a message and waits until it is acknowledged. */
@Command(name = "send", description = "Sends a message and waits for its acknowledgement.")
final class SendCommand extends MessageCommand {
  @ArgGroup(multiplicity = "1")
  Target target = new Target();

  @Option(
      names = "--enqueued",
      description = "Is content when the message is in the receiver's mailbox.")
  boolean enqueued;

  @Override
  void check() {
    super.check();
    try {
      target.check(accessPoint);
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
  }

  @Override
  SendOptions chosen(SendOptions plain) {
    if (enqueued && once) {
      throw new IllegalArgumentException(
          "--once waits until the message was processed; leave --enqueued out");
    }
    return super.chosen(plain).ack(enqueued ? Ack.ENQUEUED : Ack.PROCESSED);
  }

  @Override
  int call(Client client) {
    Receipt receipt = await(target.send(client, accessPoint, body(), options()));
    String ack = receipt.ack() == Ack.PROCESSED ? "processed" : "enqueued";
    if (json) {
      output().json(Output.object().put("peer", receipt.peer().toString()).put("ack", ack));
    } else {
      output().line(ack + " by " + receipt.peer());
    }
    return Main.DONE;
  }
}
