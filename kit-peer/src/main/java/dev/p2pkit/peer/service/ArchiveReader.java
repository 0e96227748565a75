// Checks an archive before anything in it is loaded.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;

/**
 * Reads an archive and refuses what must not be loaded: a wrong hash, too many or too large
 * entries, a missing or unusable descriptor, classes of the JDK or of P2PKit, classes for a newer
 * Java. Sizes are counted while expanding, not believed.
 */
final class ArchiveReader {
  /** The most entries of an archive, those of its libraries included. */
  static final int MAX_ENTRIES = 20_000;

  /** The most bytes that an archive may expand to, its libraries included. */
  static final long MAX_EXPANDED = 256L << 20;

  private static final int CLASS_MAGIC = 0xCAFEBABE;
  private static final int FIRST_JAVA_MAJOR = 44;

  private final String name;
  private int entries;
  private long expanded;

  private ArchiveReader(String name) {
    this.name = name;
  }

  /**
   * What an archive holds.
   *
   * @param manifest its descriptor
   * @param libraries the names of the jars in it, below {@code lib/}
   */
  record Contents(Manifest manifest, List<String> libraries) {}

  /**
   * Checks a file.
   *
   * @param expectedHash what its SHA-256 must be, 64 hexadecimal digits
   * @throws KitException BAD_ARCHIVE or VERSION_SKEW, with a sentence that says what to do
   */
  static Contents read(Path file, String expectedHash) {
    String name = "archive " + Manifest.shorten(expectedHash);
    try {
      long size = Files.size(file);
      if (size > Archive.MAX_BYTES) {
        throw bad(
            name
                + " has "
                + size
                + " bytes; at most "
                + Archive.MAX_BYTES
                + " are allowed, so leave "
                + "out what the service does not need");
      }
      String hash = hash(file);
      if (!hash.equals(expectedHash.toLowerCase(Locale.ROOT))) {
        throw bad(
            name + " hashes to " + hash + ", so it is damaged or another file; fetch it again");
      }
      return new ArchiveReader(name).contents(file);
    } catch (ZipException e) {
      throw bad(name + " is not a usable jar (" + e.getMessage() + "); build it again");
    } catch (IOException | IllegalArgumentException e) {
      // ZipFile throws IllegalArgumentException for names in another character set.
      throw bad(name + " cannot be read (" + e + "); check the file or build it again");
    }
  }

  private static String hash(Path file) throws IOException {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private Contents contents(Path file) throws IOException {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      List<String> libraries = new ArrayList<>();
      byte[] descriptor = null;
      boolean root = false;
      Set<String> paths = new HashSet<>();
      for (Enumeration<? extends ZipEntry> all = zip.entries(); all.hasMoreElements(); ) {
        ZipEntry entry = all.nextElement();
        String path = entry.getName();
        checkPath(path);
        if (!paths.add(path)) {
          throw bad(
              name
                  + " has "
                  + Manifest.shorten(path)
                  + " twice, and readers differ on which of the two counts; build it again");
        }
        try (InputStream in = zip.getInputStream(entry)) {
          if (path.equals(Manifest.ENTRY)) {
            descriptor = descriptor(in);
          } else if (isLibrary(path)) {
            libraries.add(path);
            library(path, in);
          } else {
            content(path, in);
          }
        }
        root |= path.equals("module-info.class");
      }
      if (descriptor == null) {
        throw bad(
            name
                + " has no "
                + Manifest.ENTRY
                + "; annotate the maker with @KitService, or use the service's jar and not another one");
      }
      if (root) {
        throw bad(
            name
                + " is a Java module; leave module-info.java out, a service has a class loader of its own");
      }
      return new Contents(Manifest.parse(descriptor), List.copyOf(libraries));
    }
  }

  static boolean isLibrary(String path) {
    return path.startsWith("lib/") && path.endsWith(".jar") && path.indexOf('/', 4) < 0;
  }

  private byte[] descriptor(InputStream in) throws IOException {
    byte[] json = in.readNBytes(Manifest.MAX_BYTES + 1);
    if (json.length > Manifest.MAX_BYTES) {
      throw bad(name + ": " + Manifest.ENTRY + " is longer than " + Manifest.MAX_BYTES + " bytes");
    }
    return json;
  }

  /**
   * Looks into a jar, which is extracted as it is. All of it counts, also what stands behind its
   * entries, where a reader of entries does not look.
   */
  private void library(String path, InputStream in) throws IOException {
    InputStream whole = new Counted(in);
    try (ZipInputStream inner = new ZipInputStream(whole)) {
      boolean empty = true;
      for (ZipEntry entry = inner.getNextEntry(); entry != null; entry = inner.getNextEntry()) {
        empty = false;
        checkPath(entry.getName());
        content(path + "!/" + entry.getName(), inner);
      }
      if (empty) {
        throw bad(name + ": " + path + " is not a jar; build the archive again");
      }
      whole.transferTo(OutputStream.nullOutputStream());
    }
  }

  /** What is read of it is part of what the archive expands to. */
  private final class Counted extends FilterInputStream {
    Counted(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int one = super.read();
      expand(one < 0 ? 0 : 1);
      return one;
    }

    @Override
    public int read(byte[] buffer, int from, int length) throws IOException {
      int count = super.read(buffer, from, length);
      expand(Math.max(0, count));
      return count;
    }
  }

  private void expand(long more) {
    expanded += more;
    if (expanded > MAX_EXPANDED) {
      throw bad(
          name + " expands to more than " + MAX_EXPANDED + " bytes; leave out what is not needed");
    }
  }

  private void checkPath(String path) {
    if (++entries > MAX_ENTRIES) {
      throw bad(name + " has more than " + MAX_ENTRIES + " entries; leave out what is not needed");
    }
    if (path.startsWith("java/")) {
      throw bad(
          name + " has " + Manifest.shorten(path) + ", but java.* belongs to the JDK; remove it");
    }
    if (path.startsWith("dev/p2pkit/") && !path.endsWith("/")) {
      throw bad(
          name
              + " has "
              + Manifest.shorten(path)
              + ", but dev.p2pkit.* comes from the peer; give services-sdk the scope 'provided' and "
              + "the service a package of its own");
    }
  }

  /** Expands an entry to count it, and looks at the version of a class. */
  private void content(String path, InputStream in) throws IOException {
    byte[] head = in.readNBytes(8);
    expand(head.length);
    byte[] buffer = new byte[16 << 10];
    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
      expand(read);
    }
    if (path.endsWith(".class") && !path.contains("META-INF/versions/")) {
      checkVersion(path, head);
    }
  }

  private void checkVersion(String path, byte[] head) throws IOException {
    var in = new java.io.DataInputStream(new ByteArrayInputStream(head));
    if (head.length < 8 || in.readInt() != CLASS_MAGIC) {
      throw bad(name + ": " + Manifest.shorten(path) + " is not a class; build the archive again");
    }
    in.readUnsignedShort();
    int needed = in.readUnsignedShort() - FIRST_JAVA_MAJOR;
    int here = Runtime.version().feature();
    if (needed > here) {
      throw new KitException(
          ErrorCode.VERSION_SKEW,
          name
              + ": "
              + Manifest.shorten(path)
              + " is compiled for Java "
              + needed
              + ", but this peer runs Java "
              + here
              + "; compile with --release 17, or run all peers on a newer Java");
    }
  }

  private static KitException bad(String what) {
    return new KitException(ErrorCode.BAD_ARCHIVE, what);
  }
}
