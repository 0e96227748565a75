// The archives that one client is sending.
package dev.p2pkit.peer.gateway;

import dev.p2pkit.client.session.SessionMessage;
import dev.p2pkit.client.session.SessionMessage.Chunk;
import dev.p2pkit.client.session.SessionMessage.Failed;
import dev.p2pkit.client.session.SessionMessage.Install;
import dev.p2pkit.client.session.SessionMessage.Progress;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/**
 * The archives that one client is sending, within the number that the whole gateway takes. What is
 * to be answered is returned. Thread-safe.
 */
final class Uploads {
  private final Semaphore permits;
  private final int most;
  // Guarded by this.
  private final Map<Long, Incoming> open = new LinkedHashMap<>();
  private boolean closed;

  /**
   * No uploads yet.
   *
   * @param permits shared by all clients of the gateway
   * @param most how many permits there are, for the message when none is left
   */
  Uploads(Semaphore permits, int most) {
    this.permits = permits;
    this.most = most;
  }

  /** Begins an upload, or says why not. */
  SessionMessage begin(long now, Install install) {
    Optional<KitException> flaw = Incoming.flaw(install);
    if (flaw.isPresent()) {
      return failed(install.id(), flaw.get().code(), flaw.get().detail());
    }
    if (!permits.tryAcquire()) {
      return failed(
          install.id(),
          ErrorCode.BUSY,
          "this peer takes " + most + " archives at once; try again later");
    }
    synchronized (this) {
      if (!closed && !open.containsKey(install.id())) {
        open.put(install.id(), new Incoming(install, now + install.remainingMicros()));
        return new Progress(install.id(), 0);
      }
    }
    permits.release();
    return failed(
        install.id(), ErrorCode.PROTOCOL_ERROR, "an install with this id is under way already");
  }

  /**
   * Takes a chunk.
   *
   * @param complete gets the archive's bytes when they are all here; then nothing is answered yet
   * @return the answer; empty also for an upload that was given up meanwhile
   */
  Optional<SessionMessage> take(Chunk chunk, Consumer<Incoming> complete) {
    Incoming upload;
    boolean next;
    synchronized (this) {
      upload = open.get(chunk.id());
      if (upload == null) {
        return Optional.empty();
      }
      next = upload.take(chunk);
      if (next && !upload.complete()) {
        return Optional.of(new Progress(chunk.id(), upload.received()));
      }
      open.remove(chunk.id());
    }
    if (!next) {
      permits.release();
      return Optional.of(
          failed(chunk.id(), ErrorCode.PROTOCOL_ERROR, "a part of the archive came out of order"));
    }
    complete.accept(upload);
    return Optional.empty();
  }

  /** The bytes of a complete upload are no longer held. */
  void finished() {
    permits.release();
  }

  /** Gives up what is late. */
  List<SessionMessage> expire(long now) {
    List<SessionMessage> late = new ArrayList<>();
    synchronized (this) {
      for (Iterator<Incoming> each = open.values().iterator(); each.hasNext(); ) {
        Incoming upload = each.next();
        if (upload.deadlineAt() <= now) {
          each.remove();
          late.add(
              failed(
                  upload.install().id(),
                  ErrorCode.TIMEOUT,
                  "the archive did not arrive before the deadline"));
        }
      }
    }
    permits.release(late.size());
    return late;
  }

  /** The client has gone. */
  void close() {
    int abandoned;
    synchronized (this) {
      closed = true;
      abandoned = open.size();
      open.clear();
    }
    permits.release(abandoned);
  }

  private static Failed failed(long id, ErrorCode code, String detail) {
    return new Failed(id, code, detail);
  }
}
