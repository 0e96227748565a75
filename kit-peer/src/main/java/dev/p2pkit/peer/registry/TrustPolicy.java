// Whose services a peer runs.
package dev.p2pkit.peer.registry;

import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.client.record.ServiceRecord;
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
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Decides by the owner's public key. A signature has been verified before it is asked. */
public sealed interface TrustPolicy {
  /** Why this peer does not run the owner's services; empty if it does. */
  Optional<String> refusal(ServiceRecord record);

  /** Runs nothing. */
  record Deny() implements TrustPolicy {
    @Override
    public Optional<String> refusal(ServiceRecord record) {
      return Optional.of(
          "this peer runs no services; start it with --install-policy trusted to let it");
    }
  }

  /** Runs everything: for development on one machine. */
  record Any() implements TrustPolicy {
    @Override
    public Optional<String> refusal(ServiceRecord record) {
      return Optional.empty();
    }
  }

  /**
   * Runs the services of certain owners.
   *
   * @param owners public keys, 64 hexadecimal digits each
   * @param certified asked for owners that are not listed: where a network root vouches for signers
   */
  record Trusted(Set<String> owners, Predicate<String> certified) implements TrustPolicy {
    /** Copies the set. */
    public Trusted {
      owners = Set.copyOf(owners);
    }

    @Override
    public Optional<String> refusal(ServiceRecord record) {
      return owners.contains(record.owner()) || certified.test(record.owner())
          ? Optional.empty()
          : Optional.of(
              "the owner "
                  + OwnerKey.fingerprint(record.owner())
                  + " is not trusted here; restart this peer with --trust "
                  + record.owner());
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
    return new Trusted(owners, owner -> false);
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
