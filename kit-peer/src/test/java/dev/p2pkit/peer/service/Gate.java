// Holds back turns of services that a test compiles: their loaders see no class of the test.
package dev.p2pkit.peer.service;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A latch that code of a service finds among the system properties, by its own directory. */
final class Gate implements AutoCloseable {
  /** For code of a service: waits until the gate is opened, deaf to interrupts. */
  static final String AWAIT =
      """
      var gate = (CountDownLatch) System.getProperties().get("gate of " + peer.directory());
      for (boolean open = false; !open; ) {
        // Deaf to interrupts, as a hung driver would be.
        try { gate.await(); open = true; } catch (InterruptedException e) { }
      }
      """;

  private final String name;
  private final CountDownLatch latch = new CountDownLatch(1);

  /** Shut. */
  Gate(Path serviceDirectory) {
    name = "gate of " + serviceDirectory;
    System.getProperties().put(name, latch);
  }

  void open() {
    latch.countDown();
  }

  @Override
  public void close() {
    open();
    System.getProperties().remove(name);
  }
}
