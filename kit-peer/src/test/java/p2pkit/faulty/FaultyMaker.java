// A service for tests that crashes until somebody repairs it.
package p2pkit.faulty;

import dev.p2pkit.sdk.PeerContext;
import dev.p2pkit.sdk.ServiceDescriptor;
import dev.p2pkit.sdk.ServiceMaker;
import java.nio.file.Files;

/** Crashes at each message while its directory has no file {@code repaired}. */
public final class FaultyMaker implements ServiceMaker {
  @Override
  public ServiceDescriptor make(PeerContext peer) {
    return ServiceDescriptor.stateless()
        .onAny(
            (body, context) -> {
              if (!Files.exists(peer.directory().resolve("repaired"))) {
                throw new IllegalStateException("not repaired yet");
              }
            })
        .build();
  }
}
