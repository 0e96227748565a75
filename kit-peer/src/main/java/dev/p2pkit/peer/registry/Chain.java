// Whose records of which service: what one record follows another in.
package dev.p2pkit.peer.registry;

import com.google.common.hash.Hashing;
import dev.p2pkit.client.record.ServiceRecord;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;

/**
 * The records of one owner for one name and instance. Of a chain, one record is in force.
 *
 * @param name the service's name
 * @param instance which instance
 * @param owner public key, 64 hexadecimal digits
 */
record Chain(String name, String instance, String owner) implements Comparable<Chain> {
  private static final Comparator<Chain> ORDER =
      Comparator.comparing(Chain::name).thenComparing(Chain::instance).thenComparing(Chain::owner);

  static Chain of(ServiceRecord record) {
    return new Chain(record.name(), record.instance(), record.owner());
  }

  /** Names it in an inventory. */
  long id() {
    // No name contains a slash.
    return Hashing.sha256()
        .hashString(name + "/" + instance + "/" + owner, StandardCharsets.UTF_8)
        .asLong();
  }

  @Override
  public int compareTo(Chain other) {
    return ORDER.compare(this, other);
  }
}
