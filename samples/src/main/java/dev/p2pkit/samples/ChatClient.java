// A chat on the terminal: lines that are typed go to the room, what others say is printed.
package dev.p2pkit.samples;

import dev.p2pkit.client.Client;
import dev.p2pkit.sdk.KitException;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.util.List;

/** {@code ChatClient ROOM NAME}, with a client ticket in the environment variable P2PKIT_TICKET. */
public final class ChatClient {
  private ChatClient() {}

  /** Chats until the end of the input. */
  public static void main(String[] args) throws Exception {
    String tickets = System.getenv("P2PKIT_TICKET");
    if (args.length != 2 || tickets == null) {
      System.err.println("usage: P2PKIT_TICKET=... ChatClient ROOM NAME");
      System.exit(2);
      return;
    }
    try (Client client = Client.connect(List.of(tickets.split("\\s+", -1))).join();
        ChatMember member =
            ChatMember.join(
                    client,
                    args[0],
                    args[1],
                    said -> System.out.println(said.get("name") + ": " + said.get("text")))
                .join()) {
      BufferedReader typed =
          new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset()));
      String line = typed.readLine();
      while (line != null) {
        member.say(line).join();
        line = typed.readLine();
      }
    } catch (RuntimeException e) {
      System.err.println(KitException.from(e).getMessage());
      System.exit(1);
    }
  }
}
