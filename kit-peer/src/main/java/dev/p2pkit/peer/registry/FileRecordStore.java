// The records of a peer as files, one for each chain.
package dev.p2pkit.peer.registry;

import com.google.common.hash.Hashing;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps each record in a file {@code <hash of the chain>.record}: magic number, grants, record,
 * SHA-256 of all before. A file gets its name only when it is whole; one that is damaged is renamed
 * to {@code .damaged} with a warning, and its record comes again from the neighbours.
 */
public final class FileRecordStore implements RecordStore {
  private static final Logger LOG = LoggerFactory.getLogger(FileRecordStore.class);
  private static final int MAGIC = 0x50324B46; // P2KF
  private static final int DIGEST_BYTES = 32;
  private static final int MAX_GRANTS = 64;
  private static final int MAX_FILE_BYTES = ServiceRecord.MAX_BYTES + MAX_GRANTS * Key.BYTES + 64;
  private static final String SUFFIX = ".record";

  private final Path directory;
  private final Executor io;

  /**
   * Opens or makes the directory.
   *
   * @param io where files are written: one thread, so that they are written in order
   * @throws KitException with {@link ErrorCode#NOT_READY} if the directory cannot be made
   */
  public FileRecordStore(Path directory, Executor io) {
    this.directory = directory;
    this.io = io;
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  private KitException unusable(IOException cause) {
    return new KitException(
        ErrorCode.NOT_READY,
        "cannot keep service records in " + directory + " (" + cause + "); check its permissions",
        cause);
  }

  /** Reads all files; blocks. */
  @Override
  public List<Kept> load() {
    List<Kept> all = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      files
          .filter(file -> file.toString().endsWith(SUFFIX))
          .sorted()
          .forEach(file -> read(file).ifPresent(all::add));
      return all;
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  private static Optional<Kept> read(Path file) {
    try {
      if (Files.size(file) > MAX_FILE_BYTES) {
        throw new WireException("too large");
      }
      return Optional.of(decode(Files.readAllBytes(file)));
    } catch (IOException | WireException e) {
      Path aside = file.resolveSibling(file.getFileName() + ".damaged");
      LOG.warn(
          "the service record {} is damaged ({}); it is moved to {} and fetched from the"
              + " neighbours",
          file,
          e.getMessage(),
          aside);
      moveAside(file, aside);
      return Optional.empty();
    }
  }

  private static void moveAside(Path file, Path aside) {
    try {
      Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      LOG.warn("cannot move {} aside", file, e);
    }
  }

  private static Kept decode(byte[] bytes) {
    int length = bytes.length - DIGEST_BYTES;
    if (length < 0
        || !Arrays.equals(
            sha256(Arrays.copyOf(bytes, length)),
            Arrays.copyOfRange(bytes, length, bytes.length))) {
      throw new WireException("its checksum is wrong");
    }
    WireReader in = new WireReader(bytes, 0, length);
    if (in.i32() != MAGIC) {
      throw new WireException("it is of another kind");
    }
    Key[] grants = new Key[in.count(MAX_GRANTS, Key.BYTES)];
    Arrays.setAll(grants, i -> in.key());
    ServiceRecord record = ServiceRecord.decode(in.bytes(ServiceRecord.MAX_BYTES));
    if (!record.signatureValid()) {
      throw new WireException("its signature is wrong");
    }
    return new Kept(record, List.of(grants));
  }

  private static byte[] encode(Kept kept) {
    WireWriter out = new WireWriter(1024);
    out.i32(MAGIC).i32(kept.grants().size());
    kept.grants().forEach(out::key);
    out.bytes(kept.record().encoded());
    byte[] digest = sha256(out.toBytes());
    return out.raw(digest, 0, digest.length).toBytes();
  }

  private static byte[] sha256(byte[] bytes) {
    return Hashing.sha256().hashBytes(bytes).asBytes();
  }

  @Override
  public void save(Kept kept) {
    io.execute(() -> write(kept));
  }

  private void write(Kept kept) {
    ServiceRecord record = kept.record();
    String name =
        Hashing.sha256()
            .hashString(
                record.name() + "/" + record.instance() + "/" + record.owner(),
                StandardCharsets.UTF_8)
            .toString();
    Path file = directory.resolve(name + SUFFIX);
    Path part = directory.resolve(name + ".part");
    try {
      Files.write(part, encode(kept));
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      LOG.warn("cannot keep the record of {}; it is lost when this peer stops", record, e);
    }
  }
}
