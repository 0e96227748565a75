// What a version of a service decodes and encodes with: one codec for its class loader.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.Tree;
import dev.p2pkit.sdk.codec.PayloadCodec;
import java.util.Collection;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The codec of one version of a service. Thread-safe. */
final class ServiceCodec {
  private final PayloadCodec codec;

  private ServiceCodec(PayloadCodec codec) {
    this.codec = codec;
  }

  static ServiceCodec of(ClassLoader loader) {
    return new ServiceCodec(PayloadCodec.forLoader(loader));
  }

  /** The body as one of these types; empty if it is none of them. */
  Optional<PayloadCodec.Match> match(Payload body, Collection<Class<?>> types) {
    return codec.match(body.toWire(), types);
  }

  /** The state by the names of its components. */
  byte[] encodeState(Object state) {
    return codec.encodeState(state);
  }

  /** A state of this or an older version, read by name. */
  <T> T decodeState(byte[] encoded, Class<T> type) {
    return codec.decodeState(encoded, type);
  }

  /** What a step between schemas has made, as a state of this version. */
  <T> T bindState(@Nullable Object plain, Class<T> type) {
    return codec.bindState(plain, type);
  }

  /** A state without its classes. */
  Tree treeView(byte[] encoded) {
    return Tree.of(codec.decodeTreeView(encoded));
  }
}
