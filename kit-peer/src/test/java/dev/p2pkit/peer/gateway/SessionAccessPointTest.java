// The name of a proxy at its proxy peer can be taken apart again.
package dev.p2pkit.peer.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.sdk.Key;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionAccessPointTest {
  @Test
  void isReadAsItIsWritten() {
    SessionAccessPoint proxy = new SessionAccessPoint(new Key(-1, 2), "a/b");
    assertThat(proxy.name()).isEqualTo("session/ffffffffffffffff0000000000000002/a/b");
    assertThat(SessionAccessPoint.parse(proxy.name())).contains(proxy);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "session",
        "session/",
        "session/ffffffffffffffff0000000000000002",
        "session/ffffffffffffffff0000000000000002/",
        "session/gfffffffffffffff0000000000000002/a",
        "session/ffffffffffffffff00000000000000023a",
        "counter"
      })
  void anythingElseIsNot(String name) {
    assertThat(SessionAccessPoint.parse(name)).isEmpty();
  }
}
