// A notice of trust, signed and sent: what the 'trust' commands share.
package dev.p2pkit.peer.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.p2pkit.overlay.notice.Authority;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.peer.trust.OwnerGrant;
import dev.p2pkit.peer.trust.TrustNotice;
import dev.p2pkit.peer.trust.TrustWord;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options of the commands that sign a word of trust. */
final class TrustOptions extends NoticeOptions {
  @Option(
      names = "--note",
      paramLabel = "TEXT",
      description = "Why, for people to read; at most 256 bytes.")
  String note = "";

  /** Signs a word and has the running peer publish it, or prints it. */
  int say(KitCommand command, TrustWord word) {
    Signature by = signature(command);
    TrustNotice notice;
    try {
      notice =
          TrustNotice.issue(
              network, Instant.now(), word, note, new Authority(by.key, by.certificate), by.sign);
    } catch (IllegalArgumentException e) {
      throw command.usage(String.valueOf(e.getMessage()));
    }
    return publish(command, notice);
  }

  /** Has the running peer publish a notice, or prints it. */
  int publish(KitCommand command, TrustNotice notice) {
    checkWay(command);
    send("trust " + notice.toText());
    if (command.json) {
      command.output().json(json(notice).put("notice", notice.toText()));
    } else {
      command.output().line(print ? notice.toText() : notice.word().toString());
    }
    return Main.DONE;
  }

  /** What a key was typed as; the error names the fix. */
  static String key(KitCommand command, String typed) {
    String key = typed.toLowerCase(Locale.ROOT);
    if (!TrustWord.KEY.matcher(key).matches()) {
      throw command.usage(
          "'"
              + typed
              + "' is no owner's public key: 64 hexadecimal digits, as 'p2pkit service key' prints"
              + " them");
    }
    return key;
  }

  /** A notice for programs. */
  static ObjectNode json(TrustNotice notice) {
    ObjectNode node = Output.object();
    TrustWord word = notice.word();
    if (word instanceof TrustWord.OfOwner of) {
      node.put("kind", "owner").put("owner", of.owner()).put("trusted", of.grant().isPresent());
      of.grant().ifPresent(grant -> put(node, grant));
    } else if (word instanceof TrustWord.OfName of) {
      node.put("kind", "name").put("name", of.pattern().text()).put("owner", of.owner().orElse(""));
    }
    return node.put("since", notice.issued().toString())
        .put("by", notice.signedBy())
        .put("note", notice.note());
  }

  private static void put(ObjectNode node, OwnerGrant grant) {
    ArrayNode names = node.putArray("names");
    grant.names().forEach(pattern -> names.add(pattern.text()));
    ArrayNode rights = node.putArray("rights");
    grant.rights().stream().sorted().forEach(right -> rights.add(right.word()));
    node.put("expires", grant.expires().toString());
  }

  /** What a notice says, in three cells: of what, whose or what for, until when. */
  static String[] cells(TrustNotice notice) {
    TrustWord word = notice.word();
    if (word instanceof TrustWord.OfOwner of) {
      Optional<OwnerGrant> grant = of.grant();
      return new String[] {
        "owner " + of.owner(),
        grant
            .map(
                it ->
                    it.rights().stream()
                            .sorted()
                            .map(OwnerGrant.Right::word)
                            .collect(java.util.stream.Collectors.joining(", "))
                        + ": "
                        + it.namesText())
            .orElse("revoked"),
        grant.map(it -> it.expires().toString()).orElse("-")
      };
    }
    TrustWord.OfName of = (TrustWord.OfName) word;
    return new String[] {"name " + of.pattern(), of.owner().orElse("first claim"), "-"};
  }
}
