// Message bodies as a program makes them that has the service's classes.
package dev.p2pkit.peer.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.sdk.Payload;
import java.util.Map;

/** Bodies of messages of a service {@code svc}. */
final class Bodies {
  private Bodies() {}

  /** An {@code Add} of 1, with the class of another class loader than the service's. */
  static Payload add() throws Exception {
    Map<String, byte[]> classes =
        ServiceJar.compile(Map.of("svc.Add", "package svc; public record Add(long by) {}"));
    ClassLoader program =
        new ClassLoader(Bodies.class.getClassLoader()) {
          @Override
          protected Class<?> findClass(String name) throws ClassNotFoundException {
            byte[] code = classes.get(name.replace('.', '/') + ".class");
            if (code == null) {
              throw new ClassNotFoundException(name);
            }
            return defineClass(name, code, 0, code.length);
          }
        };
    Object add = program.loadClass("svc.Add").getConstructor(long.class).newInstance(1L);
    Payload body = Payload.of(add);
    assertThat(body.format()).isEqualTo(Payload.Format.KRYO);
    return body;
  }
}
