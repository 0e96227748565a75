// The class loader of one archive on one peer.
package dev.p2pkit.peer.service;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Loads the classes of an archive and of the jars in its {@code lib/}. Closed when the last turn of
 * its version has ended.
 */
final class ArchiveLoader extends URLClassLoader {
  private final List<Path> extracted;

  private ArchiveLoader(String name, URL[] urls, List<Path> extracted) {
    super(name, urls, ApiLoader.INSTANCE);
    this.extracted = extracted;
  }

  /**
   * Opens a checked archive.
   *
   * @param libraries the entries to extract, as {@link ArchiveReader} found them
   */
  static ArchiveLoader open(Release release, List<String> libraries) throws IOException {
    List<URL> urls = new ArrayList<>();
    List<Path> extracted = new ArrayList<>();
    urls.add(url(release.archiveFile()));
    if (!libraries.isEmpty()) {
      try (ZipFile zip = new ZipFile(release.archiveFile().toFile())) {
        // A directory of its own: the manifest of a jar may name others beside it, and beside it is
        // nothing that somebody else on this machine could have put there.
        Path directory = Files.createTempDirectory("p2pkit-libraries-");
        extracted.add(directory);
        for (int i = 0; i < libraries.size(); i++) {
          String library = libraries.get(i);
          Path copy = directory.resolve("library-" + i + ".jar");
          extracted.add(0, copy);
          ZipEntry entry = zip.getEntry(library);
          try (InputStream in = zip.getInputStream(entry)) {
            Files.copy(in, copy);
          }
          urls.add(url(copy));
        }
      } catch (IOException e) {
        delete(extracted);
        throw e;
      }
    }
    return new ArchiveLoader(
        release.key() + "@" + release.epoch(), urls.toArray(URL[]::new), extracted);
  }

  private static URL url(Path file) {
    try {
      return file.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    try {
      super.close();
    } finally {
      delete(extracted);
    }
  }

  private static void delete(List<Path> files) {
    for (Path file : files) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        // It is in the directory for temporary files; the system will remove it.
        file.toFile().deleteOnExit();
      }
    }
  }
}
