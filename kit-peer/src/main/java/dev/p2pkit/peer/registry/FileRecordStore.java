// The records of a peer as files, one for each chain.
package dev.p2pkit.peer.registry;

import com.google.common.hash.Hashing;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.overlay.transport.DurableFiles;
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
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps each record in a file {@code <hash of the chain>.record}: magic number, grants, what this
 * peer has made of it, the records before it, record, SHA-256 of all before. A file gets its name
 * only when it is whole and on the disk. What cannot be written, because the disk is full, is
 * counted, said once, and tried again until it is written or something newer is. A file that is
 * damaged is renamed to {@code .damaged} with a warning, and its record comes again from the
 * neighbours.
 */
public final class FileRecordStore implements RecordStore {
  private static final Logger LOG = LoggerFactory.getLogger(FileRecordStore.class);
  private static final int MAGIC = 0x50324B47; // P2KG
  private static final int DIGEST_BYTES = 32;
  private static final int MAX_GRANTS = 64;
  private static final int MAX_WHY = 4_096;
  private static final int MAX_FILE_BYTES =
      (Chronicle.MOST + 1) * (ServiceRecord.MAX_BYTES + 4) + MAX_GRANTS * Key.BYTES + 2 * MAX_WHY;
  private static final String SUFFIX = ".record";

  /** Holds the time of the last synchronisation, as digits. */
  private static final String MARK = "synchronised";

  private final Path directory;
  private final Executor io;
  private final Executor later;
  private final LongAdder failures = new LongAdder();

  /** What could not be written, by the names of the files. Written on io only. */
  private final Map<String, Unwritten> unwritten = new ConcurrentHashMap<>();

  private record Unwritten(Kept kept, String why) {}

  /**
   * Opens or makes the directory.
   *
   * @param io where files are written: one thread, so that they are written in order
   * @param later the same thread, after a while: what could not be written is tried again then
   * @throws KitException with {@link ErrorCode#NOT_READY} if the directory cannot be made
   */
  public FileRecordStore(Path directory, Executor io, Executor later) {
    this.directory = directory;
    this.io = io;
    this.later = later;
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
          "the service record {} cannot be read ({}); it is moved to {} and fetched from the"
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
    Standing standing = standing(in);
    ServiceRecord[] past = new ServiceRecord[in.count(Chronicle.MOST, 4)];
    Arrays.setAll(past, i -> ServiceRecord.decode(in.bytes(ServiceRecord.MAX_BYTES)));
    ServiceRecord record = ServiceRecord.decode(in.bytes(ServiceRecord.MAX_BYTES));
    if (!record.signatureValid()) {
      throw new WireException("its signature is wrong");
    }
    return new Kept(record, List.of(grants), standing, List.of(past));
  }

  private static Standing standing(WireReader in) {
    Optional<String> opened = in.bool() ? Optional.of(hex(in)) : Optional.empty();
    Optional<Standing.Setback> setback =
        in.bool()
            ? Optional.of(new Standing.Setback(hex(in), hex(in), in.text(MAX_WHY)))
            : Optional.empty();
    return new Standing(opened, setback);
  }

  private static String hex(WireReader in) {
    return HexFormat.of().formatHex(in.raw(DIGEST_BYTES));
  }

  private static void hex(WireWriter out, String digits) {
    out.raw(HexFormat.of().parseHex(digits), 0, DIGEST_BYTES);
  }

  private static void encode(Standing standing, WireWriter out) {
    out.bool(standing.opened().isPresent());
    standing.opened().ifPresent(archive -> hex(out, archive));
    out.bool(standing.setback().isPresent());
    standing
        .setback()
        .ifPresent(
            setback -> {
              hex(out, setback.archive());
              hex(out, setback.back());
              out.text(setback.why().substring(0, Math.min(setback.why().length(), MAX_WHY / 3)));
            });
  }

  private static byte[] encode(Kept kept) {
    WireWriter out = new WireWriter(1024);
    out.i32(MAGIC).i32(kept.grants().size());
    kept.grants().forEach(out::key);
    encode(kept.standing(), out);
    out.i32(kept.past().size());
    kept.past().forEach(record -> out.bytes(record.encoded()));
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

  private static String nameOf(ServiceRecord record) {
    return Hashing.sha256()
        .hashString(
            record.name() + "/" + record.instance() + "/" + record.owner(), StandardCharsets.UTF_8)
        .toString();
  }

  private void write(Kept kept) {
    String name = nameOf(kept.record());
    try {
      replace(name + SUFFIX, encode(kept));
      if (unwritten.remove(name) != null && unwritten.isEmpty()) {
        LOG.info("the service records are kept in {} again", directory);
      }
    } catch (IOException e) {
      failures.increment();
      if (unwritten.isEmpty()) {
        LOG.warn(
            "cannot keep the record of {} in {}; make room on the disk or check its permissions: it"
                + " is tried again until then, and lost if this peer stops before",
            kept.record(),
            directory,
            e);
        later.execute(this::tryAgain);
      }
      unwritten.put(name, new Unwritten(kept, e.toString()));
    }
  }

  /** One look at a time is to come as long as something is not written. */
  private void tryAgain() {
    for (Unwritten each : List.copyOf(unwritten.values())) {
      write(each.kept());
    }
    if (!unwritten.isEmpty()) {
      later.execute(this::tryAgain);
    }
  }

  @Override
  public long failures() {
    return failures.sum();
  }

  @Override
  public Optional<String> trouble(ServiceRecord record) {
    return Optional.ofNullable(unwritten.get(nameOf(record)))
        .map(
            it ->
                "its record is not on the disk of this peer, which would start with the one before"
                    + " ("
                    + it.why()
                    + "); make room there or check its permissions");
  }

  private void replace(String name, byte[] content) throws IOException {
    DurableFiles.OF_HOST.replace(directory.resolve(name), content);
  }

  @Override
  public void forget(ServiceRecord record) {
    io.execute(
        () -> {
          unwritten.remove(nameOf(record));
          try {
            Files.deleteIfExists(directory.resolve(nameOf(record) + SUFFIX));
          } catch (IOException e) {
            LOG.warn(
                "cannot delete the record of {}; it is read again at the next start", record, e);
          }
        });
  }

  /** Reads a file; blocks. */
  @Override
  public long synchronisedAt() {
    Path mark = directory.resolve(MARK);
    try {
      if (!Files.exists(mark) || Files.size(mark) > 32) {
        return 0;
      }
      return Long.parseLong(Files.readString(mark, StandardCharsets.US_ASCII).strip());
    } catch (IOException | NumberFormatException e) {
      LOG.warn("{} cannot be read; the records here count as up to date", mark, e);
      return 0;
    }
  }

  @Override
  public void synchronised(long wallMillis) {
    io.execute(
        () -> {
          try {
            replace(MARK, Long.toString(wallMillis).getBytes(StandardCharsets.US_ASCII));
          } catch (IOException e) {
            LOG.warn("cannot keep the time of the last synchronisation in {}", directory, e);
          }
        });
  }
}
