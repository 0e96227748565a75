// Who becomes a contact: the near ones, and never too many of one network or of one teller.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.ladder.Rungs;
import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContactTableTest {
  private static final int EACH = 2;
  private final SplittableRandom random = new SplittableRandom(3);
  private final ContactTable table = new ContactTable(new Rungs(2, 6), Key.of(1), EACH);

  private PeerRef anywhere(String host) {
    return at(new Key(random.nextLong(), random.nextLong()), host);
  }

  private static PeerRef at(Key position, String host) {
    return new PeerRef(new PeerId(position), new Endpoint(host, 4_000), 1);
  }

  private PeerRef inSector(int sector, String host) {
    long within = random.nextLong() >>> 6;
    return at(new Key(((long) sector << 58) + within, 5), host);
  }

  @Test
  void aFloodFromOneNetworkTakesThreePlacesAtMost() {
    for (int i = 0; i < 5_000; i++) {
      table.take(anywhere("203.0.113." + i % 256), 10, ContactTable.NO_SOURCE);
    }
    assertThat(table.size()).isEqualTo(ContactTable.MOST_OF_NETWORK_IN_RUNG);
    for (int i = 0; i < 5_000; i++) {
      table.take(anywhere("2001:db8:7:" + i + "::1"), 10, ContactTable.NO_SOURCE);
    }
    assertThat(table.size()).isEqualTo(2 * ContactTable.MOST_OF_NETWORK_IN_RUNG);
    ContactTable two = new ContactTable(new Rungs(4, 12), Key.of(1), EACH);
    for (int i = 0; i < 50_000; i++) {
      two.take(anywhere("203.0.113." + i % 256), 10, ContactTable.NO_SOURCE);
    }
    assertThat(two.size()).isEqualTo(ContactTable.MOST_OF_NETWORK);
  }

  @Test
  void whatOnePeerHasNamedFillsAQuarterAtMost() {
    for (int i = 0; i < 5_000; i++) {
      table.take(anywhere("host-" + i), 10, 77);
    }
    assertThat(table.size()).isLessThanOrEqualTo(64 * EACH / 4);
    for (int i = 0; i < 5_000; i++) {
      table.take(anywhere("other-" + i), 10, i | 1);
    }
    assertThat(table.size()).isEqualTo(63 * EACH);
  }

  @Test
  void theNearestByRoundTripAreKept() {
    for (int i = 0; i < 20; i++) {
      table.take(inSector(9, "host-" + i), 20_000 - i * 800, ContactTable.NO_SOURCE);
    }
    int sector = table.sectors().indexOf(new Key(9L << 58, 5));
    assertThat(table.filled(sector)).isEqualTo(EACH);
    for (int place = 0; place < table.places(); place++) {
      if (table.at(place) != null) {
        assertThat(table.trip(place)).isLessThan(8_000);
      }
    }
  }

  @Test
  void aContactThatWorksIsNotReplacedByOneThatIsHardlyNearer() {
    PeerRef first = inSector(5, "a");
    PeerRef second = inSector(5, "b");
    table.take(first, 10_000, ContactTable.NO_SOURCE);
    table.take(second, 10_000, ContactTable.NO_SOURCE);
    assertThat(table.take(inSector(5, "c"), 9_500, ContactTable.NO_SOURCE)).isFalse();
    assertThat(table.contains(first.id())).isTrue();
    assertThat(table.remove(first.id())).isTrue();
    assertThat(table.take(inSector(5, "d"), 90_000, ContactTable.NO_SOURCE)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "203.0.113.9, 203.0.113",
    "10.1.2.3, ''",
    "172.16.0.1, ''",
    "172.32.0.1, 172.32.0",
    "192.168.7.7, ''",
    "127.0.0.1, ''",
    "host-12, ''",
    "a.example.org, ''",
    "2001:db8:7:1::1, 2001:db8:7",
    "::1, ''",
    "fe80::1, ''",
    "fd00:1:2::3, ''",
    "2001:db8::1, 2001:db8"
  })
  void aPublicAddressBelongsToANetwork(String host, String network) {
    assertThat(Network24.of(host).orElse("")).isEqualTo(network);
  }
}
