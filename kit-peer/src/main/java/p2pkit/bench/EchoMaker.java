// Answers each message with its own body: what a call costs without any work in it.
package p2pkit.bench;

import dev.p2pkit.sdk.PeerContext;
import dev.p2pkit.sdk.ServiceDescriptor;
import dev.p2pkit.sdk.ServiceMaker;

/** Echoes. */
public final class EchoMaker implements ServiceMaker {
  @Override
  public ServiceDescriptor make(PeerContext peer) {
    return ServiceDescriptor.stateless().onAny((body, context) -> context.reply(body)).build();
  }
}
