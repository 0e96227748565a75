// Packs the archives of the services that the bench calls, at run time, from classes of this jar.
package dev.p2pkit.peer.cli.bench;

import dev.p2pkit.sdk.Archive;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** An archive under construction. */
final class BenchArchive {
  private final Map<String, byte[]> entries = new LinkedHashMap<>();

  BenchArchive(String descriptor) {
    text("META-INF/kit/service.json", descriptor);
  }

  BenchArchive text(String path, String content) {
    entries.put(path, content.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  BenchArchive code(Class<?> type) throws IOException {
    String path = type.getName().replace('.', '/') + ".class";
    try (InputStream code = type.getResourceAsStream("/" + path)) {
      if (code == null) {
        throw new IOException("the class path lacks " + path);
      }
      entries.put(path, code.readAllBytes());
    }
    return this;
  }

  Archive build() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream jar = new ZipOutputStream(bytes, StandardCharsets.UTF_8)) {
      for (Map.Entry<String, byte[]> content : entries.entrySet()) {
        ZipEntry entry = new ZipEntry(content.getKey());
        entry.setTime(0);
        jar.putNextEntry(entry);
        jar.write(content.getValue());
        jar.closeEntry();
      }
    }
    return Archive.of(bytes.toByteArray());
  }
}
