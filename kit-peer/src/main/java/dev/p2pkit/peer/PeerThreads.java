// The threads of a peer that are not event loops.
package dev.p2pkit.peer;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The executors of a peer, made before any service runs, so that no thread inherits a service's
 * class loader.
 *
 * @param completions where the stages of the API complete and subscribers are called; not one
 *     thread, so that a callback that blocks does not stop all others
 * @param files where files are read and written: one thread, so that what is written keeps its
 *     order
 */
record PeerThreads(ExecutorService completions, ExecutorService files) {
  private static final int COMPLETIONS = Math.max(2, Runtime.getRuntime().availableProcessors());

  static PeerThreads start(String name) {
    return new PeerThreads(
        Executors.newFixedThreadPool(COMPLETIONS, named("p2pkit-callback-" + name)),
        Executors.newSingleThreadExecutor(named("p2pkit-files-" + name)));
  }

  private static ThreadFactory named(String prefix) {
    ClassLoader host = PeerThreads.class.getClassLoader();
    AtomicInteger count = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, prefix + "-" + count.incrementAndGet());
      thread.setDaemon(true);
      thread.setContextClassLoader(host);
      return thread;
    };
  }

  void stop() {
    completions.shutdown();
    files.shutdown();
  }
}
