// Keeps the audit of a peer: one line of JSON for each entry, in files that are bounded.
package dev.p2pkit.peer.audit;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.PeerId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file {@code audit.log} of a data directory, and the older ones {@code audit.log.1} to {@code
 * audit.log.7}, each of 1 MiB at most. What strangers cause has an allowance of its own ({@value
 * #REFUSALS_AT_ONCE} lines at once, then {@value #REFUSALS_PER_MINUTE} a minute), so that they can
 * neither fill the disk nor push out what owners did; what is left out is counted in the next line.
 * Each line also goes to the logger {@code dev.p2pkit.audit}. Thread-safe; writing is done on the
 * executor.
 */
public final class AuditLog {
  static final int REFUSALS_AT_ONCE = 200;
  static final int REFUSALS_PER_MINUTE = 20;
  private static final int DEEDS_AT_ONCE = 2_000;
  private static final int DEEDS_PER_MINUTE = 300;
  private static final Logger AUDIT = LoggerFactory.getLogger("dev.p2pkit.audit");
  private static final Logger LOG = LoggerFactory.getLogger(AuditLog.class);
  private static final long MOST_BYTES = 1 << 20;
  private static final int FILES = 8;

  private final Path directory;
  private final Path file;
  private final PeerId peer;
  private final LongSupplier wallMillis;
  private final Executor files;
  private final long mostBytes;
  // Guarded by this.
  private final Allowance refusals;
  private final Allowance deeds;

  /**
   * The audit of a peer.
   *
   * @param wallMillis the time since 1970 in milliseconds
   * @param files where files are written: one thread, so that the lines keep their order
   */
  public AuditLog(Path dataDirectory, PeerId peer, LongSupplier wallMillis, Executor files) {
    this(dataDirectory, peer, wallMillis, files, MOST_BYTES);
  }

  AuditLog(
      Path dataDirectory, PeerId peer, LongSupplier wallMillis, Executor files, long mostBytes) {
    this.directory = dataDirectory;
    this.file = file(dataDirectory, 0);
    this.peer = peer;
    this.wallMillis = wallMillis;
    this.files = files;
    this.mostBytes = mostBytes;
    long now = wallMillis.getAsLong();
    refusals = new Allowance(REFUSALS_AT_ONCE, REFUSALS_PER_MINUTE, now);
    deeds = new Allowance(DEEDS_AT_ONCE, DEEDS_PER_MINUTE, now);
  }

  private static Path file(Path dataDirectory, int age) {
    return dataDirectory.resolve(age == 0 ? "audit.log" : "audit.log." + age);
  }

  /** Writes an entry down, if the allowance lets it. */
  public synchronized void add(AuditEntry entry) {
    long now = wallMillis.getAsLong();
    Allowance allowance = entry.refused().isPresent() ? refusals : deeds;
    if (!allowance.take(now)) {
      return;
    }
    String line = json(entry, now, allowance.takeLeftOut());
    if (entry.refused().isPresent()) {
      AUDIT.warn("{}", line);
    } else {
      AUDIT.info("{}", line);
    }
    try {
      files.execute(() -> append(line));
    } catch (RejectedExecutionException e) {
      LOG.debug("the peer is closed; the logger has the last entry", e);
    }
  }

  private String json(AuditEntry entry, long now, long leftOut) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("time", Instant.ofEpochMilli(now).toString())
        .put("peer", peer.toString())
        .put("what", entry.what().name().toLowerCase(Locale.ROOT))
        .put("service", entry.service())
        .put("instance", entry.instance())
        .put("epoch", entry.epoch())
        .put("version", entry.version())
        .put("archive", entry.archive())
        .put("owner", entry.owner())
        .put("signer", entry.signer())
        .put("by", entry.by().toString())
        .put("outcome", entry.refused().map(ErrorCode::name).orElse("OK"))
        .put("reason", entry.reason());
    if (leftOut > 0) {
      node.put("leftOut", leftOut);
    }
    return node.toString();
  }

  private void append(String line) {
    byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
    try {
      if (Files.exists(file) && Files.size(file) + bytes.length > mostBytes) {
        rotate();
      }
      Files.write(
          file,
          bytes,
          StandardOpenOption.CREATE,
          StandardOpenOption.WRITE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      LOG.warn(
          "the audit cannot be written to {} ({}); check disk space and permissions",
          file,
          e.toString());
    }
  }

  private void rotate() throws IOException {
    for (int age = FILES - 2; age >= 0; age--) {
      Path from = file(directory, age);
      if (Files.exists(from)) {
        Files.move(from, file(directory, age + 1), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  /**
   * The last lines that a peer has written, the oldest first; blocks. The peer need not run.
   *
   * @param most how many lines at most
   * @throws IOException if a file cannot be read
   */
  public static List<String> last(Path dataDirectory, int most) throws IOException {
    List<String> lines = new ArrayList<>();
    for (int age = 0; age < FILES && lines.size() < most; age++) {
      Path file = file(dataDirectory, age);
      if (Files.exists(file)) {
        lines.addAll(0, Files.readAllLines(file, StandardCharsets.UTF_8));
      }
    }
    return lines.subList(Math.max(0, lines.size() - most), lines.size());
  }
}
