// The parent of every service's class loader: the JDK, the SDK and the logging API, nothing else of
// the host.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.Network;

/**
 * Shows a service the classes that it shares with the peer. What else the peer has on its class
 * path stays out of sight, so that a service brings its own libraries and no versions clash.
 */
final class ApiLoader extends ClassLoader {
  /** The one parent of all service loaders. */
  static final ApiLoader INSTANCE = new ApiLoader();

  private static final String[] SHARED = {
    "dev.p2pkit.sdk.", "org.slf4j.", "org.jspecify.annotations."
  };

  private final ClassLoader host = java.util.Objects.requireNonNull(Network.class.getClassLoader());

  private ApiLoader() {
    super("p2pkit-api", ClassLoader.getPlatformClassLoader());
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    for (String prefix : SHARED) {
      if (name.startsWith(prefix)) {
        return host.loadClass(name);
      }
    }
    throw new ClassNotFoundException(name);
  }
}
