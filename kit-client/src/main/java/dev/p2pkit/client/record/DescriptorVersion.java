// The version that an archive's descriptor states, read before anything is signed.
package dev.p2pkit.client.record;

import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** Finds {@code META-INF/kit/service.json} in a jar and reads its version; peers check the rest. */
final class DescriptorVersion {
  private static final String DESCRIPTOR = "META-INF/kit/service.json";
  private static final int MAX_BYTES = 64 << 10;

  /** How much may come out of the jar before the descriptor: the bound against zip bombs. */
  private static final long MAX_SKIPPED = 256L << 20;

  private DescriptorVersion() {}

  static String of(Archive archive) {
    try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(archive.content()))) {
      long skipped = 0;
      byte[] waste = new byte[8192];
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        if (entry.getName().equals(DESCRIPTOR)) {
          return version(zip.readNBytes(MAX_BYTES + 1));
        }
        for (int read = zip.read(waste); read >= 0; read = zip.read(waste)) {
          skipped += read;
          if (skipped > MAX_SKIPPED) {
            throw bad("it unpacks to more than " + MAX_SKIPPED + " bytes");
          }
        }
      }
      throw bad("it has no " + DESCRIPTOR + "; build it with @KitService on the service's maker");
    } catch (IOException e) {
      throw bad("it is no readable jar (" + e.getMessage() + ")");
    }
  }

  private static String version(byte[] json) {
    if (json.length > MAX_BYTES) {
      throw bad("its " + DESCRIPTOR + " is larger than " + MAX_BYTES + " bytes");
    }
    try {
      Object version = new JsonObject(new String(json, StandardCharsets.UTF_8)).getValue("version");
      if (version instanceof String text) {
        return text;
      }
      throw bad("its " + DESCRIPTOR + " states no version");
    } catch (DecodeException e) {
      throw bad("its " + DESCRIPTOR + " is not JSON");
    }
  }

  private static KitException bad(String why) {
    return new KitException(ErrorCode.BAD_ARCHIVE, "the archive cannot be installed: " + why);
  }
}
