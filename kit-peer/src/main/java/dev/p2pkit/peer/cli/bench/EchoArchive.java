// The archive of the echo service, packed at run time from a class of this jar.
package dev.p2pkit.peer.cli.bench;

import dev.p2pkit.sdk.Archive;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import p2pkit.bench.EchoMaker;

/** Packs {@link EchoMaker}. */
final class EchoArchive {
  static final String NAME = "echo";

  private static final String DESCRIPTOR =
      """
      {
        "format": 1,
        "name": "echo",
        "version": "1",
        "maker": "p2pkit.bench.EchoMaker",
        "execution": {"mode": "EVENT_LOOP", "turnMillis": 5000},
        "mailbox": {"messages": 100000, "bytes": 67108864}
      }
      """;

  private EchoArchive() {}

  static Archive make() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream jar = new ZipOutputStream(bytes, StandardCharsets.UTF_8)) {
      entry(jar, "META-INF/kit/service.json", DESCRIPTOR.getBytes(StandardCharsets.UTF_8));
      String path = EchoMaker.class.getName().replace('.', '/') + ".class";
      try (InputStream code = EchoMaker.class.getResourceAsStream("/" + path)) {
        if (code == null) {
          throw new IOException("the class path lacks " + path);
        }
        entry(jar, path, code.readAllBytes());
      }
    }
    return Archive.of(bytes.toByteArray());
  }

  private static void entry(ZipOutputStream jar, String name, byte[] content) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    entry.setTime(0);
    jar.putNextEntry(entry);
    jar.write(content);
    jar.closeEntry();
  }
}
