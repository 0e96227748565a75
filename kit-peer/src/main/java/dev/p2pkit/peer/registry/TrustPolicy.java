// Whose services a peer runs.
package dev.p2pkit.peer.registry;

import dev.p2pkit.client.record.HybridTime;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.peer.trust.OwnerGrant.Right;
import dev.p2pkit.peer.trust.TrustRules;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Decides by the owner's public key and by what the network's root says. A signature has been
 * verified before it is asked.
 */
public sealed interface TrustPolicy {
  /**
   * Why this peer does not run a record; empty if it does.
   *
   * @param rules what the root says
   * @param needed the right that it takes to bring it; empty for what is in force already, which a
   *     word that gives less right does not stop
   * @param atMillis when it was signed or, if it is to be installed now, the present time
   */
  Optional<String> refusal(
      ServiceRecord record, TrustRules rules, Optional<Right> needed, long atMillis);

  /** Whether what is in force is to run: by the time of its signature. */
  default Optional<String> refusal(ServiceRecord record, TrustRules rules) {
    return refusal(record, rules, Optional.empty(), HybridTime.wallMillis(record.hlc()));
  }

  /** Runs nothing. */
  record Deny() implements TrustPolicy {
    @Override
    public Optional<String> refusal(
        ServiceRecord record, TrustRules rules, Optional<Right> needed, long atMillis) {
      return Optional.of(
          "this peer runs no services; start it with --install-policy trusted to let it");
    }
  }

  /** Runs everything: for development on one machine. */
  record Any() implements TrustPolicy {
    @Override
    public Optional<String> refusal(
        ServiceRecord record, TrustRules rules, Optional<Right> needed, long atMillis) {
      return Optional.empty();
    }
  }

  /**
   * Runs the services of the owners on a list and of those for whom the network's root vouches. An
   * owner whom the root has revoked is not trusted, even if it is on the list: its key may be in
   * wrong hands.
   *
   * @param owners public keys, 64 hexadecimal digits each
   */
  record Trusted(Set<String> owners) implements TrustPolicy {
    /** Copies the set. */
    public Trusted {
      owners = Set.copyOf(owners);
    }

    @Override
    public Optional<String> refusal(
        ServiceRecord record, TrustRules rules, Optional<Right> needed, long atMillis) {
      return owners.contains(record.owner()) && !rules.isRevoked(record.owner())
          ? Optional.empty()
          : rules.refusal(record, needed, atMillis);
    }
  }

  /** How a public key is written. */
  Pattern KEY = Pattern.compile("[0-9a-fA-F]{64}");

  /** The largest trust file. */
  int MAX_FILE_BYTES = 1 << 20;

  /**
   * Trust in the listed owners.
   *
   * @param keysOrFiles public keys as 64 hexadecimal digits, or files with one in each line; what
   *     follows a {@code #} is a comment
   * @throws KitException with {@link ErrorCode#UNAUTHORISED} if one is neither
   */
  static Trusted trusting(Collection<String> keysOrFiles) {
    Set<String> owners = new HashSet<>();
    for (String each : keysOrFiles) {
      if (KEY.matcher(each).matches()) {
        owners.add(each.toLowerCase(Locale.ROOT));
      } else {
        lines(each).forEach(line -> addLine(owners, each, line));
      }
    }
    return new Trusted(owners);
  }

  private static void addLine(Set<String> owners, String file, String line) {
    int comment = line.indexOf('#');
    String key = (comment < 0 ? line : line.substring(0, comment)).strip();
    if (key.isEmpty()) {
      return;
    }
    if (!KEY.matcher(key).matches()) {
      throw new KitException(
          ErrorCode.UNAUTHORISED,
          "the trust list "
              + file
              + " has a line that is no public key; each line holds 64 hexadecimal digits");
    }
    owners.add(key.toLowerCase(Locale.ROOT));
  }

  private static List<String> lines(String file) {
    try {
      Path path = Path.of(file);
      if (Files.size(path) > MAX_FILE_BYTES) {
        throw new KitException(
            ErrorCode.UNAUTHORISED, "the trust list " + file + " is larger than 1 MiB");
      }
      return Files.readAllLines(path);
    } catch (IOException | InvalidPathException e) {
      throw new KitException(
          ErrorCode.UNAUTHORISED,
          "'"
              + file
              + "' is neither a public key of 64 hexadecimal digits nor a readable file of such"
              + " keys",
          e);
    }
  }
}
